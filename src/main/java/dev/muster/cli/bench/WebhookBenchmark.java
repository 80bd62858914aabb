package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Durable ingestion of signed payloads of 8 KB over 64 connections. The appliance and a bare door,
 * which is the limit, take turns: a machine that others use too is not the same for long.
 */
public final class WebhookBenchmark implements Benchmark {
  private static final int SIZE = 8 << 10;
  private static final int CONNECTIONS = 64;
  private static final int WARM_UP = 100_000;
  private static final int TURNS = 7;
  private static final int TURN = 10_000;
  private static final Duration LIMIT_TIME = Duration.ofSeconds(4);

  @Override
  public String name() {
    return "webhooks";
  }

  /**
   * What was reached one after the other.
   *
   * @param limit deliveries a second that the bare door took
   * @param used processor time of the appliance, all that the deliveries led to included
   */
  private record Turn(double limit, Deliveries.Result result, Duration used) {
    double share() {
      return result.perSecond() / limit;
    }
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Path folder = bench.folder().resolve("webhooks");
    Home home = BenchHome.create(folder);
    JobPayload payload = new JobPayload("ubuntu-latest", SIZE);
    try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder);
        RawFile file = new RawFile(bench.folder().resolve("limit"));
        RawDoorRoutes.Served door = RawDoorRoutes.serve(file, BenchHome.SECRET)) {
      BenchHome.push(
          bench.folder().resolve("webhooks-config"),
          appliance.publicUrl(),
          home.running().orElseThrow().token(),
          BenchHome.config(""));
      long idle = appliance.residentMebibytes();
      Deliveries deliveries = new Deliveries(appliance.publicUrl(), BenchHome.SECRET, payload);
      bench.say("sending " + WARM_UP + " deliveries, until the compiler has settled");
      double cold = deliveries.send(0, WARM_UP, CONNECTIONS).perSecond();
      long afterwards = appliance.residentMebibytes();
      appliance.awaitRest();
      Duration used = appliance.processorTime();
      bench.say("measuring what this machine allows");
      double blocks = DiskLimit.blocksPerSecond(bench.folder(), CONNECTIONS, SIZE, LIMIT_TIME);
      Deliveries bare = new Deliveries(door.url(), BenchHome.SECRET, payload);
      bare.send(0, WARM_UP, CONNECTIONS);
      List<Turn> turns = new ArrayList<>();
      for (int i = 0; i < TURNS; i++) {
        turns.add(turn(appliance, deliveries, bare, WARM_UP + (long) i * TURN));
        bench.say(
            "turn %d of %d: %,.0f a second of %,.0f"
                .formatted(
                    i + 1, TURNS, turns.getLast().result().perSecond(), turns.getLast().limit()));
      }
      return List.of(
          rate(turns, blocks),
          new Figure(
              "the same over the first " + WARM_UP + " of a process",
              String.format(
                  Locale.ROOT,
                  "%,.0f (%.2f of the limit)",
                  cold,
                  cold / median(turns, Turn::limit)),
              "",
              ""),
          new Figure(
              "processor time of the appliance for each, first / then",
              String.format(
                  Locale.ROOT,
                  "%d / %.0f µs",
                  used.dividedBy(WARM_UP).toNanos() / 1_000,
                  median(turns, turn -> turn.used().dividedBy(TURN).toNanos() / 1e3)),
              "",
              ""),
          latency(turns),
          new Figure(
              "resident after start / after " + WARM_UP + " deliveries",
              idle + " / " + afterwards + " MiB",
              "160 / 350 MB",
              ""));
    }
  }

  private static Turn turn(
      ApplianceProcess appliance, Deliveries deliveries, Deliveries bare, long first)
      throws IOException, InterruptedException {
    double limit = bare.sendPrepared(first, TURN, CONNECTIONS).perSecond();
    Duration before = appliance.processorTime();
    Deliveries.Result result = deliveries.sendPrepared(first, TURN, CONNECTIONS);
    appliance.awaitRest(); // the bare door would else look slower than it is
    return new Turn(limit, result, appliance.processorTime().minus(before));
  }

  private static Figure rate(List<Turn> turns, double blocks) {
    double perSecond = median(turns, turn -> turn.result().perSecond());
    double[] shares = turns.stream().mapToDouble(Turn::share).sorted().toArray();
    return new Figure(
        "durable deliveries a second",
        String.format(
            Locale.ROOT,
            "%,.0f (%.2f of the limit: %.2f to %.2f; %.2f of the file's)",
            perSecond,
            median(turns, Turn::share),
            shares[0],
            shares[shares.length - 1],
            perSecond / blocks),
        "at least 0.40 of the limit",
        String.format(
            Locale.ROOT,
            "%,.0f of the same requests, checked and in a bare file by grouped fdatasync; %,.0f blocks of 8 KiB in that file without clients",
            median(turns, Turn::limit),
            blocks));
  }

  private static Figure latency(List<Turn> turns) {
    long[] all =
        turns.stream()
            .flatMapToLong(turn -> Arrays.stream(turn.result().latencies()))
            .sorted()
            .toArray();
    return new Figure(
        "p50 / p99 to the acknowledgement",
        String.format(
            Locale.ROOT,
            "%.1f / %.1f ms",
            all[all.length / 2] / 1e6,
            all[all.length - all.length / 100] / 1e6),
        "p99 under 50 ms",
        "");
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> figure) {
    return turns.stream().mapToDouble(figure).sorted().toArray()[turns.size() / 2];
  }
}
