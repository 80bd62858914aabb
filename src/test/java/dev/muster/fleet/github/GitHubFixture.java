package dev.muster.fleet.github;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.fleet.job.JobFacts;
import dev.muster.fleet.job.JobId;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A sandbox under a clock that stands, and a client that is configured against it. */
final class GitHubFixture implements AutoCloseable {
  static final SecretRef KEY = new SecretRef("github-app-key");
  static final List<String> LABELS = List.of("muster=1", "runner=here");

  /** One key for all: making one takes longer than a test. */
  private static final SandboxApp APP = SandboxApp.generate(4711);

  /** Records what the client did. */
  static final class Calls implements GitHubClient.Observer {
    final List<Operation> operations = new CopyOnWriteArrayList<>();
    final Map<String, Long> remaining = new ConcurrentHashMap<>();

    @Override
    public void called(Operation operation, String outcome, Duration took) {
      operations.add(operation);
    }

    @Override
    public void remaining(String budget, long requests) {
      remaining.put(budget, requests);
    }

    long count(Operation operation) {
      return operations.stream().filter(operation::equals).count();
    }
  }

  final Calls calls = new Calls();
  final Map<String, String> secrets = new ConcurrentHashMap<>();
  final SandboxGitHub sandbox;
  final GitHubClient client;
  private volatile Instant now = Instant.parse("2026-03-01T10:00:00Z");

  GitHubFixture() {
    this(SandboxSettings.DEFAULT);
  }

  GitHubFixture(SandboxSettings settings) {
    sandbox = SandboxGitHub.start(settings, APP, () -> now);
    secrets.put(KEY.name(), sandbox.privateKeyPem());
    client = client(sandbox.url());
  }

  GitHubClient client(URI apiUrl) {
    GitHubSpec spec =
        new GitHubSpec(apiUrl, Optional.of(new GitHubSpec.App(APP.id(), KEY)), List.of());
    return new GitHubClient(
        () -> Optional.of(spec),
        ref ->
            Optional.ofNullable(secrets.get(ref.name()))
                .map(value -> new Secrets.Found(value, "the test")),
        () -> now,
        calls);
  }

  Instant now() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  static JobFacts facts(SandboxJob job) {
    return new JobFacts(
        new JobId(job.id()),
        job.runId(),
        job.runAttempt(),
        job.repository(),
        job.name(),
        Optional.empty(),
        job.labels(),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        true,
        job.createdAt());
  }

  @Override
  public void close() {
    client.close();
    sandbox.close();
  }
}
