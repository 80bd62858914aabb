package dev.muster;

import dev.muster.cli.tools.LocalRunners;
import dev.muster.fixture.Configs;
import dev.muster.fixture.TestPrograms;
import dev.muster.fleet.job.Job;
import dev.muster.fleet.job.JobId;
import dev.muster.fleet.job.JobStore;
import dev.muster.kernel.clock.SystemTimers;
import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Settings;
import dev.muster.sandbox.SandboxApp;
import dev.muster.sandbox.SandboxGitHub;
import dev.muster.sandbox.SandboxJob;
import dev.muster.sandbox.SandboxSettings;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** An appliance with runners on this machine, and the sandbox as GitHub. */
final class LocalFleet implements AutoCloseable {
  private static final InstantSource CLOCK = InstantSource.system();

  private final Path folder;
  private final SystemTimers timers = new SystemTimers(CLOCK);
  private final SandboxGitHub sandbox;
  private final Home home;
  private final int port;
  private final Map<String, String> environment;
  private Optional<Appliance> appliance = Optional.empty();

  /** Starts one in this environment, with a config in force. */
  LocalFleet(Path folder, Map<String, String> environment) throws Exception {
    this.folder = folder;
    this.environment = Map.copyOf(environment);
    SandboxApp app = SandboxApp.generate(1);
    home = TestPrograms.home(folder.resolve("home"), app);
    sandbox = SandboxGitHub.start(SandboxSettings.DEFAULT, app, CLOCK);
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    start();
    sandbox.sendWebhooksTo(running().running().publicUrl().resolve("/webhooks/github"));
    pushConfig();
  }

  @Override
  public void close() throws IOException {
    stop();
    LocalRunners.end(folder);
    timers.close();
    sandbox.close();
  }

  SandboxGitHub sandbox() {
    return sandbox;
  }

  Home home() {
    return home;
  }

  Appliance running() {
    return appliance.orElseThrow();
  }

  void start() throws IOException {
    Map<String, String> listen = Map.of("listen", "127.0.0.1:" + port, "admin", "127.0.0.1:0");
    appliance =
        Optional.of(
            Appliance.start(
                home,
                Settings.read(home, listen, environment),
                new Surroundings(
                    CLOCK,
                    timers,
                    new SecureRandom(),
                    environment,
                    TestPrograms::agent,
                    "test",
                    Map.of())));
  }

  void stop() {
    appliance.ifPresent(Appliance::close);
    appliance = Optional.empty();
  }

  private void pushConfig() throws Exception {
    Path runner = TestPrograms.runner(folder);
    Path work = Files.createDirectories(folder.resolve("config"));
    Files.writeString(
        work.resolve("muster.yml"),
        """
        version: "1"
        defaults: { provider: local }
        github:
          api_url: %s
          app: { id: 1, private_key: { secret: app } }
          webhook_secret: { secret: hook }
        runners:
          - { name: here, provider: local, slots: 2, command: [%s] }
        pools:
          - { name: default, runner: here, desired_running: 0 }
        """
            .formatted(sandbox.url(), runner));
    Configs.publish(running(), work);
  }

  Job await(SandboxJob job, Predicate<Job> condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      Optional<Job> found =
          running().database().read(read -> JobStore.find(read, new JobId(job.id())));
      if (found.isPresent() && condition.test(found.get())) {
        return found.get();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    throw new AssertionError(timelineOf(job));
  }

  String timelineOf(SandboxJob job) {
    return running()
        .database()
        .read(read -> JobStore.timeline(read, new JobId(job.id())))
        .toString();
  }
}
