package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A thousand queued jobs of one spec at once. */
public final class BurstBenchmark implements Benchmark {
  private static final int JOBS = 1_000;
  private static final int CONNECTIONS = 32;

  @Override
  public String name() {
    return "burst";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Home home = BenchHome.create(bench.folder().resolve("burst"));
    try (InProcess process = InProcess.start(home)) {
      BenchHome.push(
          bench.folder().resolve("burst-config"),
          process.appliance().running().publicUrl(),
          process.appliance().running().token(),
          BenchHome.config(
              """
              defaults: { max_runners: 2000 }
              environments: { default: { allow: { forks: true } } } # there is no GitHub to ask
              runners:
                - { name: 4cpu, provider: ec2, os: linux, arch: arm64, cpu: [4, 8], ram: [8, 32] }
              pools:
                - { name: default, runner: 4cpu, desired_running: 0, desired_stopped: 0, max: 2000 }
              """));
      Deliveries deliveries =
          new Deliveries(
              process.appliance().running().publicUrl(),
              BenchHome.SECRET,
              new JobPayload("muster=%d/runner=4cpu", 8 << 10));
      bench.say("sending " + JOBS + " queued jobs");
      Deliveries.Result sent = deliveries.send(0, JOBS, CONNECTIONS);
      Duration decided =
          InProcess.until("a decision for every job", () -> process.provider().launched() >= JOBS);
      return List.of(
          new Figure(
              JOBS + " queued jobs: last delivery to last decision",
              decided.toMillis() + " ms",
              "at most 2,000 ms",
              sent.took().toMillis() + " ms to deliver them"),
          new Figure(
              JOBS + " queued jobs: calls of the provider",
              Integer.toString(process.provider().calls()),
              "at most 20",
              ""));
    }
  }
}
