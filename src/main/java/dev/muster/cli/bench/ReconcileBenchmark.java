package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.queue.WorkQueue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Every pool of a large fleet looked at once. */
public final class ReconcileBenchmark implements Benchmark {
  private static final int POOLS = 1_000;
  private static final int EACH = 10;
  private static final int ROUNDS = 8;

  /** Each look goes through the whole queue: often, it would be part of what is measured. */
  private static final Duration LOOK = Duration.ofMillis(10);

  @Override
  public String name() {
    return "reconcile";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Home home = BenchHome.create(bench.folder().resolve("reconcile"));
    try (InProcess process = InProcess.start(home)) {
      bench.say("launching " + POOLS * EACH + " runners in " + POOLS + " pools");
      BenchHome.push(
          bench.folder().resolve("reconcile-config"),
          process.appliance().running().publicUrl(),
          process.appliance().running().token(),
          BenchHome.config("defaults: { max_runners: 20000 }\n" + BenchHome.pools(POOLS, EACH)));
      InProcess.until("all runners launched", () -> process.provider().launched() >= POOLS * EACH);
      InProcess.until("the fleet is settled", LOOK, () -> unsettled(process, Instant.now()) == 0);
      List<Duration> rounds = new ArrayList<>();
      for (int i = 0; i < ROUNDS; i++) {
        rounds.add(round(process, i % 2 == 0));
      }
      rounds.sort(Duration::compareTo);
      return List.of(
          new Figure(
              "full reconcile of %,d pools and %,d runners, median and slowest of %d"
                  .formatted(POOLS, POOLS * EACH, ROUNDS),
              rounds.get(ROUNDS / 2).toMillis() + " / " + rounds.getLast().toMillis() + " ms",
              "at most 1,000 ms",
              ""));
    }
  }

  /** Pausing and resuming everywhere makes every pool due, as a new config does. */
  private static Duration round(InProcess process, boolean pause)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    BenchHome.pause(process.appliance().running(), pause);
    Instant paused = Instant.now(); // all are due since before
    InProcess.until("every pool was looked at", LOOK, () -> unsettled(process, paused) == 0);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Keys of pools that are due since before {@code since}, or worked on. */
  private static long unsettled(InProcess process, Instant since) {
    return process.appliance().database().read(read -> WorkQueue.unsettled(read, "pool", since));
  }
}
