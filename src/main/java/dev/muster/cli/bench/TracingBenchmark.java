package dev.muster.cli.bench;

import com.sun.net.httpserver.HttpServer;
import dev.muster.kernel.home.Home;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What traces cost: appliances that send none, every tenth to a receiver on this machine, and all
 * to one that never answers, take turns with the same deliveries. Two of them send none: what these
 * differ by is the machine's doing.
 */
public final class TracingBenchmark implements Benchmark {
  private static final int SIZE = 8 << 10;
  private static final int WARM_UP = 60_000;
  private static final int TURN = 10_000;
  private static final int TURNS = 11;

  @Override
  public String name() {
    return "tracing";
  }

  @Override
  public List<Figure> run(Bench bench) throws IOException, InterruptedException {
    AtomicLong received = new AtomicLong();
    HttpServer receiver = receiver(received);
    String url = "http://127.0.0.1:" + receiver.getAddress().getPort();
    Map<String, String> tenth =
        Map.of(
            "OTEL_EXPORTER_OTLP_ENDPOINT", url,
            "OTEL_TRACES_SAMPLER", "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG", "0.1");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ApplianceProcess without = start(bench, "tracing-off", Map.of());
        ApplianceProcess again = start(bench, "tracing-off-again", Map.of());
        ApplianceProcess with = start(bench, "tracing-on", tenth);
        ApplianceProcess unheard = start(bench, "tracing-unheard", all(silent))) {
      receiver.setExecutor(threads);
      receiver.start();
      List<Side> sides =
          Stream.of(without, again, with, unheard)
              .map(appliance -> new Side(appliance, new JobPayload("ubuntu-latest", SIZE)))
              .toList();
      Side.warmUp(bench, sides, WARM_UP);
      Side.takeTurns(bench, sides, TURNS, TURN);
      receiver.stop(0);
      return figures(sides, received.get());
    }
  }

  private static Map<String, String> all(ServerSocket silent) {
    return Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort());
  }

  private static List<Figure> figures(List<Side> sides, long received) throws IOException {
    Side off = sides.getFirst();
    List<Side> others = sides.subList(1, sides.size());
    List<String> memory = new ArrayList<>();
    for (Side side : sides) {
      memory.add(Long.toString(side.residentMebibytes()));
    }
    return List.of(
        new Figure(
            "deliveries a second, traces off / off again / every tenth / all to a receiver that hangs",
            String.format(Locale.ROOT, "%,.0f / ", off.medianPerSecond())
                + others.stream().map(side -> side.against(off)).collect(Collectors.joining(" / ")),
            "every tenth: at least 0.95",
            received / 1_024 + " KiB of traces received"),
        new Figure(
            "processor time of the appliance for each",
            sides.stream()
                    .map(side -> Long.toString(side.medianMicros()))
                    .collect(Collectors.joining(" / "))
                + " µs",
            "",
            ""),
        new Figure(
            "resident after " + (WARM_UP + TURNS * TURN) + " deliveries",
            String.join(" / ", memory) + " MiB",
            "",
            ""));
  }

  private static ApplianceProcess start(Bench bench, String name, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path folder = bench.folder().resolve(name);
    Home home = BenchHome.create(folder);
    ApplianceProcess appliance = ApplianceProcess.start(bench, folder, environment);
    BenchHome.push(
        bench.folder().resolve(name + "-config"),
        appliance.publicUrl(),
        home.running().orElseThrow().token(),
        BenchHome.config(""));
    return appliance;
  }

  /** Reads what comes and says that it is well. */
  private static HttpServer receiver(AtomicLong received) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            received.addAndGet(exchange.getRequestBody().readAllBytes().length);
            exchange.sendResponseHeaders(200, -1);
          }
        });
    return server;
  }
}
