package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package, installed by dpkg into a scratch root and started from there. */
@Timeout(180)
class DebIT {
  @TempDir private Path folder;
  private Path root;
  private Path deb;

  private record Said(int exitCode, String text) {}

  @BeforeEach
  void find() throws IOException {
    Optional<Path> made;
    try (var files = Files.list(Path.of("target"))) {
      made = files.filter(f -> f.getFileName().toString().endsWith(".deb")).findFirst();
    }
    assumeTrue(made.isPresent(), "no package was made: mvn verify does so");
    assumeTrue(
        Files.getLastModifiedTime(made.get())
                .compareTo(Files.getLastModifiedTime(Path.of("target/muster/bin/muster")))
            >= 0,
        "the package is older than the image: mvn verify makes both");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg")), "dpkg is not installed");
    assumeTrue(
        System.getProperty("user.name").equals("root"),
        "only root may install into a root, and this test does not run as root");
    deb = made.orElseThrow().toAbsolutePath();
    root = Files.createDirectories(folder.resolve("root"));
  }

  private Said run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(n -> n.startsWith("MUSTER_") || n.startsWith("JAVA_"));
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), text);
  }

  /** A package database of its own, in which what it depends on counts as installed elsewhere. */
  private Said install() throws IOException, InterruptedException {
    Path database = Files.createDirectories(root.resolve("var/lib/dpkg"));
    for (String name : List.of("info", "updates", "triggers")) {
      Files.createDirectories(database.resolve(name));
    }
    Files.createFile(database.resolve("status"));
    Files.createFile(database.resolve("available"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "dpkg",
                "--root=" + root,
                "--force-script-chrootless",
                "--force-depends",
                "--log=" + folder.resolve("dpkg.log"),
                "--unpack",
                deb.toString()));
    return run(command.toArray(String[]::new));
  }

  @Test
  void packageHoldsWhatTheMachineNeeds() throws Exception {
    Said said = install();
    assertThat(said.exitCode()).as(said.text()).isZero();
    for (String file :
        List.of(
            "usr/lib/systemd/system/muster.service",
            "usr/lib/sysusers.d/muster.conf",
            "usr/lib/tmpfiles.d/muster.conf",
            "usr/share/doc/muster/operating.md",
            "var/lib/dpkg/info/muster.postinst")) {
      assertThat(root.resolve(file)).isRegularFile();
    }
    assertThat(Files.readSymbolicLink(root.resolve("usr/bin/muster")))
        .isEqualTo(Path.of("/opt/muster/bin/muster"));
    assertThat(Files.readString(root.resolve("usr/lib/systemd/system/muster.service")))
        .contains("ExecStart=/opt/muster/bin/muster serve --home /var/lib/muster");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(root.resolve("opt/muster/bin/muster"))))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void installedApplianceStartsAndRunsTheMainJob() throws Exception {
    assertThat(install().exitCode()).isZero();
    Path muster = root.resolve("opt/muster/bin/muster");
    ServedOnce.serve(muster, folder.resolve("home"));
    assertThat(folder.resolve("home").resolve("data")).isNotEmptyDirectory();
    Said tried = run(muster.toString(), "try", "--once");
    assertThat(tried.exitCode()).as(tried.text()).isZero();
    assertThat(tried.text()).containsPattern("job completed +success").doesNotContain("[warning]");
  }
}
