package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The image that the build made, as a newcomer runs it: with no JDK in its environment. */
@Timeout(120)
class ImageIT {
  private static final Path MUSTER = Path.of("target", "muster", "bin", "muster").toAbsolutePath();

  @TempDir private Path folder;

  private record Said(int exitCode, String out, String err) {}

  private Said muster(String... arguments) throws IOException, InterruptedException {
    return muster(Map.of(), arguments);
  }

  private Said muster(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(MUSTER.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(n -> n.startsWith("MUSTER_") || n.startsWith("JAVA_"));
    builder.environment().putAll(environment);
    Path err = folder.resolve("stderr");
    Process process = builder.redirectError(err.toFile()).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    return new Said(process.exitValue(), out, Files.readString(err));
  }

  @Test
  void tryShowsTheMainJob() throws Exception {
    Set<String> others = trials();
    Path libraries = folder.resolve("libraries.log");
    Said said =
        muster(Map.of("MUSTER_JAVA_OPTS", "-Xlog:library=info:file=" + libraries), "try", "--once");
    assertThat(said.exitCode()).as(said.err()).isZero();
    assertThat(said.out())
        .contains("config pushed")
        .containsPattern("delivery accepted +workflow_job")
        .contains("job queued")
        .containsPattern("runner launched +muster-")
        .contains("job assigned")
        .contains("job started")
        .containsPattern("job completed +success")
        .contains("Status page: http://127.0.0.1:");
    assertThat(said.err()).isEmpty();
    assertThat(trials()).as("a trial leaves nothing behind").isSubsetOf(others);
    assertThat(libraries)
        .as("payloads are compressed by machine code, from the image")
        .content()
        .contains("Loaded library " + MUSTER.resolveSibling("../lib/liblz4-java.so").normalize());
  }

  /** Folders of trials that a process works in. */
  private static Set<String> trials() {
    return ProcessHandle.allProcesses()
        .map(ImageIT::workingFolder)
        .filter(working -> working.contains("muster-try-"))
        .collect(Collectors.toSet());
  }

  private static String workingFolder(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", process.pid() + "", "cwd")).toString();
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void validateSaysEveryProblemWithItsPlace() throws Exception {
    Files.writeString(
        folder.resolve("muster.yml"), "version: \"1\"\npols: []\ndefaults: { max_runers: 5 }\n");
    Said said = muster("validate", "--format", "json");
    assertThat(said.exitCode()).isEqualTo(1);
    JsonNode answer = new ObjectMapper().readTree(said.out());
    assertThat(answer.path("valid").asBoolean()).isFalse();
    assertThat(answer.path("problems")).hasSize(2);
    assertThat(answer.path("problems").get(0).path("line").asInt()).isEqualTo(2);
    assertThat(answer.path("problems").get(0).path("hint").asText()).contains("pools");
    assertThat(said.err()).contains("not valid");
  }

  @Test
  void unreadablePathIsWrongUse() throws Exception {
    Said said = muster("validate", "nowhere");
    assertThat(said.exitCode()).isEqualTo(2);
    assertThat(said.err().lines()).hasSize(1);
  }

  @Test
  void commandsOfStoppedApplianceSaySo() throws Exception {
    Said said = muster("status", "--home", "home");
    assertThat(said.exitCode()).isEqualTo(3);
    assertThat(said.err()).contains("muster serve").hasLineCount(1);
  }

  @Test
  void everyCommandHasHelp() throws Exception {
    for (String command :
        List.of(
            "serve",
            "try",
            "validate",
            "plan",
            "schema",
            "import",
            "status",
            "why",
            "token",
            "backup",
            "restore",
            "pause",
            "resume",
            "runner",
            "job",
            "audit",
            "accept",
            "bench",
            "doctor",
            "version",
            "completion")) {
      Said said = muster(command, "--help");
      assertThat(said.exitCode()).as(command).isZero();
      assertThat(said.out()).contains("Usage: muster " + command);
    }
  }

  @Test
  void tokensAndBackupsWorkOnStoppedAppliance() throws Exception {
    ServedOnce.serve(MUSTER, folder.resolve("home"));
    Said created = muster("token", "create", "--home", "home", "--role", "push", "ci");
    assertThat(created.exitCode()).as(created.err()).isZero();
    assertThat(created.out()).startsWith("muster_").hasLineCount(1);
    Said listed = muster("token", "list", "--home", "home");
    assertThat(listed.out()).contains("ci").doesNotContain(created.out().strip());
    assertThat(muster("backup", "--home", "home", "b.zip").exitCode()).isZero();
    assertThat(muster("restore", "--home", "home", "b.zip").exitCode()).isEqualTo(1);
    assertThat(muster("restore", "--home", "other", "b.zip").exitCode()).isZero();
    assertThat(muster("token", "list", "--home", "other").out()).contains("ci");
  }

  @Test
  void schemaIsJson() throws Exception {
    Said said = muster("schema");
    assertThat(new ObjectMapper().readTree(said.out()).path("$schema").asText())
        .contains("2020-12");
  }

  /** Two builds of a commit make the same jars: nothing in them is of the day or the builder. */
  @Test
  void jarsAreReproducible() throws Exception {
    Path lib = Path.of("target", "muster", "lib");
    List<Path> jars;
    try (Stream<Path> files = Files.list(lib)) {
      jars = files.filter(f -> f.getFileName().toString().matches("muster-.*[.]jar")).toList();
    }
    assertThat(jars).hasSize(4);
    for (Path jar : jars) {
      try (JarFile opened = new JarFile(jar.toFile())) {
        assertThat(opened.stream().map(ZipEntry::getTimeLocal))
            .as(jar.toString())
            .containsOnly(LocalDateTime.of(2026, 1, 1, 0, 0));
        assertThat(opened.getManifest().getMainAttributes().keySet().stream().map(Object::toString))
            .doesNotContain("Built-By", "Build-Jdk", "Build-Date");
      }
    }
  }

  /**
   * A signature would keep every class out of the AOT cache; a service's file lost, the service.
   */
  @Test
  void librariesAreWholeAndUnsigned() throws Exception {
    Path jar = Path.of("target", "muster", "lib", "libraries.jar");
    List<String> providers = new ArrayList<>();
    try (JarFile libraries = new JarFile(jar.toFile())) {
      assertThat(libraries.isMultiRelease()).isTrue();
      for (ZipEntry entry : Collections.list(libraries.entries())) {
        assertThat(entry.getName()).doesNotMatch("META-INF/[^/]*[.](SF|RSA|DSA|EC)");
        if (entry.getName().matches("META-INF/services/[^/]+")) {
          new String(libraries.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .map(line -> line.replaceFirst("#.*", "").strip())
              .filter(line -> !line.isEmpty())
              .forEach(providers::add);
        }
      }
      assertThat(providers)
          .as("H2, and two jars that have a file of the same name")
          .contains(
              "org.h2.Driver",
              "org.apache.sshd.common.file.root.RootedFileSystemProvider",
              "org.apache.sshd.sftp.client.fs.SftpFileSystemProviderFacade")
          .allSatisfy(provider ->
              assertThat(libraries.getEntry(provider.replace('.', '/') + ".class"))
                  .as(provider)
                  .isNotNull());
    }
  }
}
