package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** From exec to ready on a home that exists, and what an idle appliance takes. */
public final class StartBenchmark implements Benchmark {
  private static final int STARTS = 7;
  private static final Duration IDLE = Duration.ofSeconds(20);

  @Override
  public String name() {
    return "start";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Path folder = bench.folder().resolve("start");
    Home home = BenchHome.create(folder);
    try (ApplianceProcess first = ApplianceProcess.start(bench, folder)) {
      BenchHome.push(
          bench.folder().resolve("start-config"),
          first.publicUrl(),
          home.running().orElseThrow().token(),
          BenchHome.config(BenchHome.pools(3, 0)));
    }
    List<Duration> starts = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
        starts.add(appliance.ready());
      }
    }
    starts.sort(Duration::compareTo);
    long empty = nothing(bench);
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure(
            "exec to /readyz, median and slowest of " + STARTS,
            starts.get(STARTS / 2).toMillis() + " / " + starts.getLast().toMillis() + " ms",
            "at most 600 ms",
            empty + " ms for muster version, the same runtime doing nothing"));
    try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
      bench.say("watching an idle appliance for " + IDLE.toSeconds() + " s");
      TimeUnit.SECONDS.sleep(5);
      Duration before = appliance.processorTime();
      TimeUnit.NANOSECONDS.sleep(IDLE.toNanos());
      Duration used = appliance.processorTime().minus(before);
      figures.add(
          new Figure(
              "resident memory, idle after start",
              appliance.residentMebibytes() + " MiB",
              "at most 160 MB",
              ""));
      figures.add(
          new Figure(
              "processor of an idle appliance",
              String.format(
                  Locale.ROOT, "%.2f %% of a core", 100.0 * used.toNanos() / IDLE.toNanos()),
              "under 1 %",
              ""));
    }
    return figures;
  }

  private static long nothing(Bench bench) throws IOException, InterruptedException {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      long began = System.nanoTime();
      new ProcessBuilder(bench.programs().muster("version"))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
      best = Math.min(best, System.nanoTime() - began);
    }
    return best / 1_000_000;
  }
}
