package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Kills an appliance under load again and again, and looks for what it had acknowledged. */
public final class CrashBenchmark implements Benchmark {
  private static final int KILLS = 30;
  private static final int CONNECTIONS = 64;
  private static final int SIZE = 8 << 10;

  @Override
  public String name() {
    return "crash";
  }

  /**
   * What came of it.
   *
   * @param acknowledged deliveries, by kill
   * @param lost how many of all those were not there afterwards
   */
  public record Outcome(List<Integer> acknowledged, int lost) {
    public Outcome {
      acknowledged = List.copyOf(acknowledged);
    }
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Outcome outcome = run(bench, KILLS);
    int all = outcome.acknowledged().stream().mapToInt(Integer::intValue).sum();
    return List.of(
        new Figure(
            "lost of the acknowledged, over " + KILLS + " kill -9 under load",
            String.format(Locale.ROOT, "%d of %,d", outcome.lost(), all),
            "0",
            ""));
  }

  /** Starts, loads and kills one appliance after the other on the same home. */
  public Outcome run(Bench bench, int kills) throws IOException, InterruptedException {
    Path folder = bench.folder().resolve("crash");
    Home home = BenchHome.create(folder);
    try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
      BenchHome.push(
          bench.folder().resolve("crash-config"),
          appliance.publicUrl(),
          home.running().orElseThrow().token(),
          BenchHome.config(""));
    }
    AtomicLong next = new AtomicLong();
    Set<String> missing = new HashSet<>();
    List<Integer> acknowledged = new ArrayList<>();
    for (int kill = 1; kill <= kills; kill++) {
      Set<String> promised = load(bench, folder, next);
      bench.say("kill %d: %,d acknowledged before it".formatted(kill, promised.size()));
      acknowledged.add(promised.size());
      missing.addAll(promised);
    }
    missing.removeAll(recorded(home));
    return new Outcome(acknowledged, missing.size());
  }

  /** Returns what was acknowledged before the kill. */
  private static Set<String> load(Bench bench, Path folder, AtomicLong next)
      throws IOException, InterruptedException {
    int life = ThreadLocalRandom.current().nextInt(200, 1_500);
    try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
      Deliveries deliveries =
          new Deliveries(
              appliance.publicUrl(), BenchHome.SECRET, new JobPayload("ubuntu-latest", SIZE));
      try {
        return deliveries.sendUntil(next, CONNECTIONS, () -> appliance.killAfter(life));
      } catch (IllegalStateException e) {
        throw new IllegalStateException(
            e.getMessage() + "; of the appliance: " + appliance.state(), e);
      }
    }
  }

  private static Set<String> recorded(Home home) {
    try (Database database = Database.open(home.data(), existing -> {})) {
      return Set.copyOf(
          database.read(read ->
              read.all(
                  "select distinct delivery_id from delivery", row -> row.text("delivery_id"))));
    }
  }
}
