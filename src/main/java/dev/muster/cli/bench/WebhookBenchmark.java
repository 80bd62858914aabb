package dev.muster.cli.bench;

import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Durable ingestion of signed payloads of 8 KB over 64 connections. */
public final class WebhookBenchmark implements Benchmark {
  private static final int SIZE = 8 << 10;
  private static final int CONNECTIONS = 64;
  private static final int WARM_UP = 100_000;
  private static final int MEASURED = 50_000;
  private static final Duration LIMIT_TIME = Duration.ofSeconds(4);

  @Override
  public String name() {
    return "webhooks";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    Path folder = bench.folder().resolve("webhooks");
    Home home = BenchHome.create(folder);
    List<Figure> figures = new ArrayList<>();
    try (ApplianceProcess appliance = ApplianceProcess.start(bench, folder)) {
      BenchHome.push(
          bench.folder().resolve("webhooks-config"),
          appliance.publicUrl(),
          home.running().orElseThrow().token(),
          BenchHome.config(""));
      long idle = appliance.residentMebibytes();
      Deliveries deliveries =
          new Deliveries(
              appliance.publicUrl(), BenchHome.SECRET, new JobPayload("ubuntu-latest", SIZE));
      bench.say("sending " + WARM_UP + " deliveries, until the compiler has settled");
      double cold = deliveries.send(0, WARM_UP, CONNECTIONS).perSecond();
      long afterwards = appliance.residentMebibytes();
      Duration used = appliance.processorTime();
      bench.say("measuring what this machine allows");
      double blocks = DiskLimit.blocksPerSecond(bench.folder(), CONNECTIONS, SIZE, LIMIT_TIME);
      double limit =
          DiskLimit.deliveriesPerSecond(
              bench.folder(),
              new JobPayload("ubuntu-latest", SIZE),
              CONNECTIONS,
              WARM_UP,
              MEASURED);
      bench.say("sending " + MEASURED + " deliveries");
      Deliveries.Result result = deliveries.sendPrepared(WARM_UP, MEASURED, CONNECTIONS);
      Duration more = appliance.processorTime().minus(used);
      figures.add(
          new Figure(
              "durable deliveries a second",
              String.format(
                  Locale.ROOT,
                  "%,.0f (%.2f of the limit, %.2f of the file's)",
                  result.perSecond(),
                  result.perSecond() / limit,
                  result.perSecond() / blocks),
              "at least 0.40 of the limit",
              String.format(
                  Locale.ROOT,
                  "%,.0f of the same requests, checked and in a bare file by grouped fdatasync; %,.0f blocks of 8 KiB in that file without clients",
                  limit,
                  blocks)));
      figures.add(
          new Figure(
              "the same over the first " + WARM_UP + " of a process",
              String.format(Locale.ROOT, "%,.0f (%.2f of the limit)", cold, cold / limit),
              "",
              ""));
      figures.add(
          new Figure(
              "processor time of the appliance for each, first / then",
              String.format(
                  Locale.ROOT,
                  "%d / %d µs",
                  used.dividedBy(WARM_UP).toNanos() / 1_000,
                  more.dividedBy(MEASURED).toNanos() / 1_000),
              "",
              ""));
      figures.add(
          new Figure(
              "p50 / p99 to the acknowledgement",
              String.format(
                  Locale.ROOT, "%.1f / %.1f ms", millis(result, 0.5), millis(result, 0.99)),
              "p99 under 50 ms",
              ""));
      figures.add(
          new Figure(
              "resident after start / after " + WARM_UP + " deliveries",
              idle + " / " + afterwards + " MiB",
              "160 / 350 MB",
              ""));
    }
    return figures;
  }

  private static double millis(Deliveries.Result result, double share) {
    return result.percentile(share).toNanos() / 1e6;
  }
}
