package dev.muster.fleet.compute.ec2;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.muster.fixture.TestPrograms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Machines that are processes: each has a scratch root, to which cloud-init's part writes what the
 * user data says, in which the image's own bootstrap is really run, and from which an agent is
 * started. A machine whose agent has ended powers off.
 */
final class BootedMachines implements FakeEc2.Hypervisor, AutoCloseable {
  private static final Path BOOTSTRAP = Path.of("../ami/linux/bootstrap").toAbsolutePath();
  private static final Pattern CONTENT = Pattern.compile("path: (\\S+)[\\s\\S]*content: (\\S+)");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** From the notice to the end; shorter than EC2's two minutes, for the sake of the test. */
  private static final Duration NOTICE = Duration.ofSeconds(40);

  private final Path folder;

  /** Those which would change the machine that the test runs on, or ask for its users. */
  private final Path programs;

  private final FakeEc2 ec2;
  private final HttpServer metadata;
  private final Map<String, String> notices = new ConcurrentHashMap<>();
  private final Map<String, Process> agents = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  BootedMachines(Path folder, FakeEc2 ec2) throws IOException {
    this.folder = folder;
    this.programs = Files.createDirectories(folder.resolve("programs"));
    program("id", "echo 1777");
    program("nft", "cat >\"$MUSTER_ROOT/rules\"");
    this.ec2 = ec2;
    this.metadata =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    metadata.setExecutor(threads);
    metadata.createContext("/", this::answer);
    metadata.start();
    ec2.runOn(this);
  }

  private void program(String name, String does) throws IOException {
    Path file = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + does + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Every machine that got as far as its firewall, and whether its jobs reach the metadata. */
  Map<String, Boolean> reachMetadata() throws IOException {
    Map<String, Boolean> reach = new HashMap<>();
    try (Stream<Path> roots = Files.list(folder)) {
      for (Path root : roots.filter(r -> Files.exists(r.resolve("rules"))).toList()) {
        String rules = Files.readString(root.resolve("rules"));
        reach.put(root.getFileName().toString(), !rules.contains("skuid 1777"));
      }
    }
    return reach;
  }

  /** What starts a class of this build as a program of its own. */
  @Override
  public void boot(String instance, String userData) {
    threads.execute(() -> {
      try {
        run(instance, userData);
      } catch (IOException e) {
        throw new AssertionError("boot " + instance, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void run(String instance, String userData) throws IOException, InterruptedException {
    Path root = folder.resolve(instance);
    Path config = root.resolve("var/lib/muster-agent/agent.json");
    if (!Files.exists(config)) { // cloud-init carries user data out at the first boot alone
      cloudInit(root, userData);
    }
    bootstrap(root, instance, "metadata");
    bootstrap(root, instance, "config");
    if (!Files.exists(root.resolve("booted"))) {
      enter(root, config);
    }
    Process agent =
        new ProcessBuilder(TestPrograms.agent(config))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(root.resolve("agent.log").toFile()))
            .start();
    agents.put(instance, agent);
    if (!ec2.runs(instance)) { // it was ended while it booted
      halt(instance);
    }
    agent.waitFor();
    if (agents.remove(instance, agent)) {
      ec2.poweredOff(instance);
    }
  }

  private static void cloudInit(Path root, String userData) throws IOException {
    Matcher file = CONTENT.matcher(userData);
    if (!file.find()) {
      throw new IOException("user data writes no file: " + userData);
    }
    Path path = root.resolve(file.group(1).substring(1));
    Files.createDirectories(path.getParent());
    Files.write(path, Base64.getDecoder().decode(file.group(2)));
  }

  private void bootstrap(Path root, String instance, String step)
      throws IOException, InterruptedException {
    ProcessBuilder bootstrap =
        new ProcessBuilder("sh", BOOTSTRAP.toString(), step)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(root.resolve("bootstrap.log").toFile()));
    bootstrap.environment().put("MUSTER_ROOT", root.toString());
    bootstrap.environment().merge("PATH", programs.toString(), (was, ours) -> ours + ":" + was);
    bootstrap
        .environment()
        .put(
            "MUSTER_IMDS",
            "http://127.0.0.1:%d/%s".formatted(metadata.getAddress().getPort(), instance));
    if (bootstrap.start().waitFor() != 0) {
      throw new IOException(Files.readString(root.resolve("bootstrap.log")));
    }
  }

  /** What a chroot would do: the agent's paths lie in its root, and its jobs are its own user's. */
  private static void enter(Path root, Path config) throws IOException {
    ObjectNode keys = (ObjectNode) JSON.readTree(config.toFile());
    keys.put("home", root + keys.path("home").asText());
    keys.remove("user");
    keys.remove("image");
    Files.write(config, JSON.writeValueAsBytes(keys));
    Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
    Path work = config.resolveSibling("work");
    Files.deleteIfExists(work);
    Files.createDirectories(work);
    Files.createFile(root.resolve("booted"));
  }

  @Override
  public void halt(String instance) {
    Process agent = agents.remove(instance);
    if (agent != null) {
      agent.descendants().forEach(ProcessHandle::destroyForcibly);
      agent.destroyForcibly();
    }
  }

  /** EC2 gives notice: this machine is taken back. */
  void interrupt(String instance) {
    Instant at = Instant.now().plus(NOTICE).truncatedTo(ChronoUnit.SECONDS);
    notices.put(instance, "{\"action\": \"terminate\", \"time\": \"" + at + "\"}");
  }

  /** Whether a program of GitHub's runner is there. */
  boolean works(String instance) {
    Process agent = agents.get(instance);
    return agent != null && agent.descendants().anyMatch(ProcessHandle::isAlive);
  }

  int alive() {
    return agents.size();
  }

  /** The last lines of a machine's agent, for when something goes wrong. */
  String log(String instance) throws IOException {
    return Files.readString(folder.resolve(instance).resolve("agent.log"));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    int end = path.indexOf('/', 1);
    String instance = end < 0 ? "" : path.substring(1, end);
    String text =
        switch (end < 0 ? path : path.substring(end)) {
          case "/latest/api/token" -> "token";
          case "/latest/meta-data/instance-id" -> instance;
          case "/latest/meta-data/spot/instance-action" -> notices.getOrDefault(instance, "");
          default -> "";
        };
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(body.length == 0 ? 404 : 200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    List.copyOf(agents.keySet()).forEach(this::halt);
    metadata.stop(0);
    threads.shutdownNow();
  }
}
