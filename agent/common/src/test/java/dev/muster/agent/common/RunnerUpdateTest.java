package dev.muster.agent.common;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.muster.agent.protocol.RunnerRelease;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerUpdateTest {
  private static final Instant NOW = new VirtualTime().now();

  @TempDir private Path root;
  private Path runner;
  private Path link;
  private Path image;
  private HttpServer server;
  private final FakeRunnerFiles files = new FakeRunnerFiles();

  @BeforeEach
  void layOut() throws IOException {
    runner = Files.createDirectories(root.resolve("opt/actions-runner"));
    Files.writeString(runner.resolve("run.sh"), "old");
    link = Files.createSymbolicLink(root.resolve("work"), runner);
    image = root.resolve("image.json");
    built(NOW);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/moved",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Location", "/files" + exchange.getRequestURI().getPath().substring(6));
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext(
        "/files/v2.400.0/actions-runner-linux-x64-2.400.0.tar.gz",
        exchange -> {
          exchange.sendResponseHeaders(200, 3);
          exchange.getResponseBody().write("new".getBytes(UTF_8));
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void built(Instant at) throws IOException {
    Files.writeString(image, "{\"runner\": \"2.330.0\", \"built\": \"%s\"}".formatted(at));
  }

  private List<String> bring(@Nullable RunnerRelease wanted) {
    return new RunnerUpdate(image, link, files, Optional.empty(), new VirtualTime())
        .bring(wanted).stream().map(Notice::text).toList();
  }

  private RunnerRelease release(String folder, String content) throws Exception {
    String sum =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(UTF_8)));
    String source = "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), folder);
    return new RunnerRelease("2.400.0", source, Map.of("linux-x64", sum));
  }

  private void nothingIsLeftBeside() throws IOException {
    try (Stream<Path> beside = Files.list(runner.getParent())) {
      assertThat(beside).containsExactly(runner);
    }
  }

  @Test
  void wantedReleaseIsFetchedCheckedAndSwappedIn() throws Exception {
    assertThat(bring(release("moved", "new")))
        .containsExactly("GitHub runner updated from 2.330.0 to 2.400.0");

    assertThat(link.resolve("run.sh")).hasContent("new");
    nothingIsLeftBeside();
    assertThat(bring(release("gone", "new"))).as("has it already").isEmpty();
  }

  @Test
  void archiveWithAnotherChecksumIsNotUsed() throws Exception {
    assertThat(bring(release("files", "forged")))
        .singleElement()
        .asString()
        .contains("the GitHub runner is not updated", "has the SHA-256");

    assertThat(link.resolve("run.sh")).hasContent("old");
    nothingIsLeftBeside();
  }

  @Test
  void failureToUnpackLeavesTheOldOne() throws Exception {
    files.broken = true;
    assertThat(bring(release("files", "new"))).singleElement().asString().contains("no space left");
    assertThat(link.resolve("run.sh")).hasContent("old");
    nothingIsLeftBeside();
  }

  @Test
  void sourceThatIsAwayOrPlainLeavesTheOldOne() throws Exception {
    assertThat(bring(release("gone", "new"))).singleElement().asString().contains("answered 404");
    RunnerRelease plain =
        new RunnerRelease("2.400.0", "http://192.0.2.1", Map.of("linux-x64", "a".repeat(64)));
    assertThat(bring(plain)).singleElement().asString().contains("is not https");
    RunnerRelease unknown = new RunnerRelease("2.400.0", "https://x", Map.of());
    assertThat(bring(unknown)).singleElement().asString().contains("set runner_sha256.linux-x64");
    assertThat(link.resolve("run.sh")).hasContent("old");
  }

  @Test
  void swapThatACrashCutInTwoIsUndone() throws Exception {
    Files.move(runner, runner.resolveSibling("actions-runner.old"));

    assertThat(bring(release("files", "new"))).hasSize(1);

    assertThat(link.resolve("run.sh")).hasContent("new");
    nothingIsLeftBeside();
  }

  @Test
  void oldImageIsSaidWhereNoReleaseIsWanted() throws IOException {
    built(NOW.minus(Duration.ofDays(20)));
    assertThat(bring(null)).isEmpty();
    built(NOW.minus(Duration.ofDays(23)));
    assertThat(bring(null)).singleElement().asString().contains("2.330.0 is 23 days old");
  }

  @Test
  void imageThatDoesNotSayWhenIsSaid() throws IOException {
    Files.writeString(image, "{}");
    assertThat(bring(null)).singleElement().asString().contains("no time");
  }
}
