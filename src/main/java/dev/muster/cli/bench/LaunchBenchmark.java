package dev.muster.cli.bench;

import dev.muster.agent.protocol.AgentApi;
import dev.muster.agent.protocol.AgentCodec;
import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.agent.protocol.Secret;
import dev.muster.fleet.runner.RunnerState;
import dev.muster.fleet.runner.RunnerStore;
import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** From a single job's acknowledgement to the provider's call: for a new machine, for a stopped. */
public final class LaunchBenchmark implements Benchmark {
  private static final int COLD = 500;
  private static final int STOPPED = 100;
  private static final double P99 = 0.99;

  @Override
  public String name() {
    return "launch";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    return List.of(cold(bench), warm(bench));
  }

  private static Figure cold(Bench bench) throws IOException, InterruptedException {
    Home home = BenchHome.create(bench.folder().resolve("launch-cold"));
    try (InProcess process = InProcess.start(home)) {
      configure(process, bench, "cold", 0);
      Deliveries deliveries = deliveries(process);
      bench.say("sending " + COLD + " queued jobs, each after the machine of the one before");
      long[] took = new long[COLD];
      for (int job = 0; job < COLD; job++) {
        deliveries.send(job, 1, 1);
        int wanted = job + 1;
        took[job] =
            InProcess.until("a machine", () -> process.provider().launched() >= wanted).toNanos();
      }
      return new Figure(
          "acknowledged to launch asked for, %d single jobs, median / p99".formatted(COLD),
          millis(took),
          "p99 at most 200 ms",
          "50 ms of it are waited for jobs that may join");
    }
  }

  private static Figure warm(Bench bench) throws IOException, InterruptedException {
    Home home = BenchHome.create(bench.folder().resolve("launch-warm"));
    try (InProcess process = InProcess.start(home)) {
      configure(process, bench, "warm", STOPPED);
      bench.say("getting " + STOPPED + " machines stopped");
      InProcess.until("the machines", () -> process.provider().launched() >= STOPPED);
      while (!process.provider().unenrolled().isEmpty()) {
        enrol(process);
      }
      InProcess.until("the machines to stop", () -> settled(process) >= STOPPED);
      Deliveries deliveries = deliveries(process);
      bench.say("sending " + STOPPED + " queued jobs, each after the start for the one before");
      long[] took = new long[STOPPED];
      for (int job = 0; job < STOPPED; job++) {
        deliveries.send(job, 1, 1);
        int wanted = job + 1;
        took[job] =
            InProcess.until("a start", () -> process.provider().started() >= wanted).toNanos();
      }
      return new Figure(
          "acknowledged to start asked for, %d stopped machines, median / p99".formatted(STOPPED),
          millis(took),
          "at most 100 ms",
          "");
    }
  }

  private static void configure(InProcess process, Bench bench, String name, int stopped)
      throws IOException, InterruptedException {
    BenchHome.push(
        bench.folder().resolve("launch-config-" + name),
        process.appliance().running().publicUrl(),
        process.appliance().running().token(),
        BenchHome.config(
            """
            defaults: { max_runners: 2000 }
            environments: { default: { allow: { forks: true } } } # there is no GitHub to ask
            runners:
              - { name: 4cpu, provider: ec2, os: linux, arch: arm64, cpu: [4, 8], ram: [8, 32] }
            pools:
              - { name: default, runner: 4cpu, desired_running: 0, desired_stopped: %d, max: 2000, ramp: %d }
            """
                .formatted(stopped, STOPPED)));
  }

  private static Deliveries deliveries(InProcess process) {
    return new Deliveries(
        process.appliance().running().publicUrl(),
        BenchHome.SECRET,
        new JobPayload("muster=%d/runner=4cpu", 8 << 10));
  }

  /** Runners that are known to be stopped. */
  private static long settled(InProcess process) {
    return process.appliance().database().read(RunnerStore::counts).stream()
        .filter(count -> count.state() == RunnerState.STOPPED)
        .mapToLong(RunnerStore.PoolCount::count)
        .sum();
  }

  /** What the agents of all running machines say first. */
  private static void enrol(InProcess process) throws IOException, InterruptedException {
    URI url = process.appliance().running().publicUrl();
    AgentCodec codec = new AgentCodec();
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (Map.Entry<String, String> machine : process.provider().unenrolled().entrySet()) {
        EnrollRequest wish =
            new EnrollRequest(
                machine.getKey().substring(0, machine.getKey().lastIndexOf('-')),
                new Secret(machine.getValue()),
                machine.getKey(),
                "boot",
                "linux",
                "arm64",
                "bench",
                null);
        HttpRequest request =
            HttpRequest.newBuilder(url.resolve(AgentApi.ENROLL))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(codec.encode(wish)))
                .build();
        // A launch that is not settled yet answers 503: its machines ask again.
        if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          process.provider().enrolled(machine.getKey());
        }
      }
    }
  }

  private static String millis(long[] nanos) {
    Arrays.sort(nanos);
    return "%d / %d ms"
        .formatted(
            Duration.ofNanos(nanos[nanos.length / 2]).toMillis(),
            Duration.ofNanos(nanos[(int) (P99 * nanos.length)]).toMillis());
  }
}
