package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.home.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * What keeping regions in step costs where deliveries come in: an appliance that tells a table of
 * every job, and one that has none, take turns with jobs of theirs. Everything is paused, so that
 * what waits is recorded, placed and told, and nothing is launched.
 */
public final class ReplicationBenchmark implements Benchmark {
  private static final int SIZE = 8 << 10;
  private static final int POOLS = 500;
  private static final int WARM_UP = 10_000;
  private static final int BURST = 2_500;
  private static final int BURSTS = 5;
  private static final int LOAD = 5_000;
  private static final int LOADS = 3;

  @Override
  public String name() {
    return "replication";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    try (TableStandIn table = new TableStandIn();
        ApplianceProcess alone = start(bench, "alone", "", Map.of());
        ApplianceProcess telling =
            start(
                bench,
                "telling",
                ", tables: bench",
                Map.of(
                    "AWS_ACCESS_KEY_ID",
                    "bench",
                    "AWS_SECRET_ACCESS_KEY",
                    "bench",
                    "AWS_ENDPOINT_URL_DYNAMODB",
                    table.url(),
                    "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
                    table.url()))) {
      Side off = new Side(alone, jobs());
      Side on = new Side(telling, jobs());
      Side.warmUp(bench, List.of(off, on), WARM_UP);
      Side.takeTurns(bench, List.of(off, on), BURSTS, BURST);
      Side offForLong = off.next();
      Side onForLong = on.next();
      Side.takeTurns(bench, List.of(offForLong, onForLong), LOADS, LOAD);
      return List.of(
          new Figure(
              "deliveries a second of jobs of ours, %,d at a time, without / with a table of regions"
                  .formatted(BURST),
              String.format(Locale.ROOT, "%,.0f / %s", off.medianPerSecond(), on.against(off)),
              "at least 0.90",
              "%,d jobs told in %,d requests".formatted(table.items(), table.requests())),
          new Figure(
              "the same, %,d at a time".formatted(LOAD),
              String.format(
                  Locale.ROOT,
                  "%,.0f / %s",
                  offForLong.medianPerSecond(),
                  onForLong.against(offForLong)),
              "",
              ""),
          new Figure(
              "processor time of the appliance for each",
              "%d / %d µs".formatted(off.medianMicros(), on.medianMicros()),
              "",
              ""),
          new Figure(
              "resident after " + onForLong.sent() + " jobs",
              "%d / %d MiB".formatted(off.residentMebibytes(), on.residentMebibytes()),
              "",
              ""));
    }
  }

  private static LongFunction<byte[]> jobs() {
    List<JobPayload> pools =
        IntStream.range(0, POOLS)
            .mapToObj(i -> new JobPayload("muster/pool=pool-%04d".formatted(i), SIZE))
            .toList();
    return number -> pools.get((int) (number % POOLS)).apply(number);
  }

  private static ApplianceProcess start(
      Bench bench, String name, String more, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path folder = bench.folder().resolve(name);
    Home home = BenchHome.create(folder);
    Files.writeString(home.properties(), "region=eu-west-1\n");
    ApplianceProcess appliance = ApplianceProcess.start(bench, folder, environment);
    Running running = home.running().orElseThrow();
    BenchHome.push(
        bench.folder().resolve(name + "-config"),
        appliance.publicUrl(),
        running.token(),
        BenchHome.config(
            "environments: { default: { allow: { forks: true }%s } }\n".formatted(more)
                + BenchHome.pools(POOLS, 0)));
    BenchHome.pause(running, true);
    return appliance;
  }
}
