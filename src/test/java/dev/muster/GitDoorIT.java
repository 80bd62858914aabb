package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.ApplianceFixture.Said;
import dev.muster.kernel.access.Role;
import dev.muster.kernel.access.Tokens;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The embedded repository, as the real git client meets it. */
@Timeout(90)
@TestMethodOrder(MethodOrderer.MethodName.class)
class GitDoorIT {
  private static final String MAIN = "HEAD:refs/heads/main";
  private static final String MISSPELT = ApplianceFixture.CONFIG.replace("slots: 1", "slotz: 1");

  @TempDir private static Path folder;
  private static ApplianceFixture fixture;
  private static Path work;

  @BeforeAll
  static void start() throws Exception {
    fixture = ApplianceFixture.start(folder, Map.of()).configured();
    work = folder.resolve("first");
  }

  @AfterAll
  static void stop() {
    fixture.close();
  }

  @Test
  void goodPushPrintsWhatChangesAndComesIntoForce() throws Exception {
    fixture.commit(work, ApplianceFixture.CONFIG + "pools: [{ name: p1, runner: here }]\n");
    Said said = fixture.push(work, fixture.token(), MAIN);
    assertThat(said.exitCode()).as(said.text()).isZero();
    assertThat(said.text()).contains("remote: ").contains("p1");
  }

  @Test
  void pushWithProblemsIsRefusedWithTheirPlacesAndKeepsTheOldConfig() throws Exception {
    String head = remoteHead();
    fixture.commit(work, MISSPELT);
    Said said = fixture.push(work, fixture.token(), MAIN);
    git("reset", "--quiet", "--hard", "HEAD~1");
    assertThat(said.exitCode()).isNotZero();
    assertThat(said.text())
        .containsPattern("remote: muster\\.yml:5:\\d+: error: .*slotz")
        .contains("slots")
        .contains("[remote rejected]");
    assertThat(remoteHead()).isEqualTo(head);
    fixture.awaitReady();
  }

  @Test
  void deletingRewritingAndOtherRefsAreRefused() throws Exception {
    String head = remoteHead();
    refused("not deleted", ":refs/heads/main");
    refused("only the branch main", "HEAD:refs/heads/other");
    refused("only the branch main", "HEAD:refs/tags/v1");
    git("checkout", "--quiet", "--orphan", "rewritten");
    fixture.commit(
        work, "# the same in the same second would be the same commit\n" + ApplianceFixture.CONFIG);
    refused("history is not rewritten", "+HEAD:refs/heads/main");
    git("checkout", "--quiet", "-f", "main");
    assertThat(remoteHead()).isEqualTo(head);
  }

  @Test
  void pushOfFiftyMegabytesIsRefusedAndTheNextSmallOneIsNot() throws Exception {
    byte[] noise = new byte[50 << 20];
    new Random(3).nextBytes(noise);
    Files.write(work.resolve("huge.bin"), noise);
    fixture.commit(work, ApplianceFixture.CONFIG);
    Said said = fixture.push(work, fixture.token(), MAIN);
    git("reset", "--quiet", "--hard", "HEAD~1");
    Files.deleteIfExists(work.resolve("huge.bin"));
    assertThat(said.exitCode()).as(said.text()).isNotZero();
    assertThat(said.text()).contains("remote: The push is larger than 16 MiB.");
    fixture.commit(work, ApplianceFixture.CONFIG);
    Said next = fixture.push(work, fixture.token(), MAIN);
    assertThat(next.exitCode()).as(next.text()).isZero();
  }

  @Test
  void tokenDecidesWhoMayCloneAndWhoMayPush() throws Exception {
    String reader = token(Role.READ);
    Path nobody = Files.createDirectories(folder.resolve("nobody"));
    assertThat(fixture.git(nobody, "clone", fixture.repository(""), "x").exitCode()).isNotZero();
    assertThat(fixture.git(nobody, "clone", fixture.repository("wrong"), "x").exitCode())
        .isNotZero();
    Said cloned = fixture.git(nobody, "clone", "--quiet", fixture.repository(reader), "x");
    assertThat(cloned.exitCode()).as(cloned.text()).isZero();
    assertThat(nobody.resolve("x/muster.yml")).exists();

    fixture.commit(work, ApplianceFixture.CONFIG);
    assertThat(fixture.push(work, "", MAIN).exitCode()).isNotZero();
    assertThat(fixture.push(work, reader, MAIN).exitCode()).isNotZero();
    Said pushed = fixture.push(work, token(Role.PUSH), MAIN);
    assertThat(pushed.exitCode()).as(pushed.text()).isZero();
  }

  @Test
  void oldProtocolAndCompressedRequestsAreUnderstood() throws Exception {
    // Many wants and haves make git compress its request.
    for (int i = 0; i < 40; i++) {
      git("commit", "--quiet", "--allow-empty", "--message", "step " + i);
    }
    Said pushed = fixture.push(work, fixture.token(), MAIN);
    assertThat(pushed.exitCode()).as(pushed.text()).isZero();
    for (String version : List.of("0", "1", "2")) {
      Said fetched =
          git(
              "-c",
              "protocol.version=" + version,
              "fetch",
              "--quiet",
              fixture.repository(fixture.token()),
              "main");
      assertThat(fetched.exitCode()).as(fetched.text()).isZero();
    }
  }

  @Test
  void credentialsFromBeyondThisMachineAreRefusedOverPlainHttp(@TempDir Path other)
      throws Exception {
    java.util.Optional<String> address =
        java.net.NetworkInterface.networkInterfaces()
            .flatMap(java.net.NetworkInterface::inetAddresses)
            .filter(a -> a instanceof java.net.Inet4Address && !a.isLoopbackAddress())
            .map(java.net.InetAddress::getHostAddress)
            .findFirst();
    org.junit.jupiter.api.Assumptions.assumeTrue(
        address.isPresent(), "This machine has no address but loopback");
    try (ApplianceFixture open =
        ApplianceFixture.start(other, Map.of("listen", "0.0.0.0:0", "insecure_http", "true"))) {
      String base = "http://" + address.get() + ":" + open.url("/").getPort();
      for (String path :
          List.of(
              "/git/config.git/info/refs?service=git-upload-pack",
              "/agent/v1/enroll",
              "/%67it/config.git/info/refs?service=git-upload-pack",
              "//git/config.git/HEAD")) {
        var answer =
            open.send(
                HttpRequest.newBuilder(java.net.URI.create(base + path))
                    .header("Authorization", "Bearer " + open.token())
                    .build());
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isIn(403, 404);
        assertThat(answer.body()).doesNotContain("git-upload-pack");
      }
      assertThat(
              open.send(HttpRequest.newBuilder(java.net.URI.create(base + "/healthz")).build())
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void remoteConfigIsPulledAndItsLastGoodStateOutlivesItsLoss(@TempDir Path other)
      throws Exception {
    Path remote = Files.createDirectories(other.resolve("remote"));
    assertThat(fixture.git(remote, "init", "--quiet", "--initial-branch=main").exitCode()).isZero();
    fixture.commit(remote, ApplianceFixture.CONFIG);
    try (ApplianceFixture pulling =
        ApplianceFixture.start(other, Map.of("config_url", remote.toUri().toString()))) {
      pulling.awaitReady();
      fixture.commit(remote, MISSPELT);
      Files.move(remote, other.resolve("gone"));
      pulling.restart();
      pulling.awaitReady();
      assertThat(revisions(pulling)).as("accepted ones").isEqualTo(1);
    }
  }

  @Test
  void repositoryThatCannotBeOpenedLeavesItsLastConfigInForceUntilItIsMended(@TempDir Path other)
      throws Exception {
    try (ApplianceFixture one = ApplianceFixture.start(other, Map.of()).configured()) {
      Path repository = one.home().configRepository();
      Path aside = other.resolve("aside");
      one.appliance().close();
      Files.move(repository, aside);
      Files.writeString(repository, "no folder");
      one.restart();
      one.awaitReady();
      HttpRequest fetch =
          HttpRequest.newBuilder(one.url("/git/config.git/info/refs?service=git-upload-pack"))
              .header("Authorization", "Bearer " + one.token())
              .build();
      assertThat(one.send(fetch).body()).contains("config_repository_unavailable");
      Files.delete(repository);
      Files.move(aside, repository);
      assertThat(one.send(fetch).statusCode()).isEqualTo(200);
    }
  }

  private static long revisions(ApplianceFixture of) {
    return of.appliance()
        .database()
        .read(read -> read.count("select count(*) n from config_revision where accepted"));
  }

  private static void refused(String reason, String refSpec) throws Exception {
    Said said = fixture.push(work, fixture.token(), refSpec);
    assertThat(said.exitCode()).as(said.text()).isNotZero();
    assertThat(said.text()).contains(reason);
  }

  private static Said git(String... arguments) throws Exception {
    return fixture.git(work, arguments);
  }

  private static String remoteHead() throws Exception {
    Said said = git("ls-remote", fixture.repository(fixture.token()), "refs/heads/main");
    assertThat(said.exitCode()).as(said.text()).isZero();
    return said.text();
  }

  /** A token made by hand: the writer of the running appliance is its own. */
  private static String token(Role role) throws Exception {
    HttpRequest create =
        HttpRequest.newBuilder(fixture.admin("/api/v1/tokens"))
            .header("Authorization", "Bearer " + fixture.token())
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"name\":\"t\",\"role\":\"%s\"}".formatted(role.word())))
            .build();
    var answer = fixture.send(create);
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
    java.util.regex.Matcher value =
        java.util.regex.Pattern.compile(Tokens.MARK + "[A-Za-z0-9_-]+").matcher(answer.body());
    assertThat(value.find()).as(answer.body()).isTrue();
    return value.group();
  }
}
