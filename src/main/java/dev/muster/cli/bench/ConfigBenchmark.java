package dev.muster.cli.bench;

import dev.muster.Appliance;
import dev.muster.config.ConfigLoader;
import dev.muster.config.ConfigTree;
import dev.muster.config.LoadResult;
import dev.muster.config.Revision;
import dev.muster.config.RevisionStore;
import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A config of two thousand pools. */
public final class ConfigBenchmark implements Benchmark {
  private static final int POOLS = 2_000;

  @Override
  public String name() {
    return "config";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    String config = BenchHome.config(BenchHome.pools(POOLS, 0));
    Path file = bench.folder().resolve("muster.yml");
    Files.writeString(file, config);
    ConfigTree tree =
        new ConfigTree(
            new TreeMap<>(Map.of("muster.yml", config.getBytes(StandardCharsets.UTF_8))));
    Revision revision = new Revision("worktree", "bench", "bench", "bench", Instant.now());
    ConfigLoader loader = Appliance.configLoader();
    long began = System.nanoTime();
    LoadResult first = loader.load(revision, tree);
    Duration validated = Duration.ofNanos(System.nanoTime() - began);
    if (!(first instanceof LoadResult.Accepted)) {
      throw new IllegalStateException("The config of the benchmark is not valid: " + first);
    }
    Duration command = command(bench, file);
    Home home = BenchHome.create(bench.folder().resolve("config-home"));
    try (InProcess process = InProcess.start(home)) {
      bench.say("pushing " + POOLS + " pools");
      long pushed = System.nanoTime();
      BenchHome.push(
          bench.folder().resolve("config-work"),
          process.appliance().running().publicUrl(),
          process.appliance().running().token(),
          config);
      InProcess.until(
          "the config is in force",
          () -> process.appliance().database().read(RevisionStore::inForce).isPresent());
      Duration inForce = Duration.ofNanos(System.nanoTime() - pushed);
      return List.of(
          new Figure(
              "%,d pools, %d KiB: validate, first time in a process"
                  .formatted(POOLS, config.length() >> 10),
              validated.toMillis() + " ms",
              "at most 500 ms",
              ""),
          new Figure(
              "%,d pools: muster validate, exec to exit".formatted(POOLS),
              command.toMillis() + " ms",
              "at most 500 ms",
              ""),
          new Figure(
              "%,d pools: git commit and push to in force".formatted(POOLS),
              inForce.toMillis() + " ms",
              "at most 2,000 ms",
              ""));
    }
  }

  private static Duration command(Bench bench, Path file) throws IOException, InterruptedException {
    long began = System.nanoTime();
    int code =
        new ProcessBuilder(bench.programs().muster("validate", file.toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (code != 0) {
      throw new IllegalStateException("muster validate exits " + code);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }
}
