package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import dev.muster.kernel.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Path folder = bench.folder().resolve("crash");
    Home home = BenchHome.create(folder);
    try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
      BenchHome.push(
          bench.folder().resolve("crash-config"),
          appliance.publicUrl(),
          home.running().orElseThrow().token(),
          BenchHome.config(""));
    }
    SplittableRandom random = new SplittableRandom();
    AtomicLong next = new AtomicLong();
    Set<String> acknowledged = new HashSet<>();
    for (int kill = 1; kill <= KILLS; kill++) {
      try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
        Deliveries deliveries =
            new Deliveries(
                appliance.publicUrl(), BenchHome.SECRET, new JobPayload("ubuntu-latest", SIZE));
        acknowledged.addAll(
            deliveries.sendUntil(
                next,
                CONNECTIONS,
                () -> {
                  TimeUnit.MILLISECONDS.sleep(random.nextInt(200, 1_500));
                  appliance.kill();
                }));
      }
      bench.say("kill %d: %,d acknowledged so far".formatted(kill, acknowledged.size()));
    }
    int promised = acknowledged.size();
    acknowledged.removeAll(recorded(home));
    return List.of(
        new Figure(
            "lost of the acknowledged, over " + KILLS + " kill -9 under load",
            String.format(Locale.ROOT, "%d of %,d", acknowledged.size(), promised),
            "0",
            ""));
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
