package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.reconcile.StalledException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretsFileTest {
  private static final SecretRef KEY = new SecretRef("github-app-key");
  private static final SecretRef HOOK = new SecretRef("github-webhook");
  private static final String PEM = "-----BEGIN KEY-----\nabc\n-----END KEY-----\n";

  private final Path file;

  SecretsFileTest(@TempDir Path folder) {
    this.file = folder.resolve("secrets.yml");
  }

  @Test
  void makesAFileThatOnlyItsOwnerReads() throws Exception {
    new SecretsFile(file).put(Map.of(KEY, PEM, HOOK, "it's: \"odd\" #1"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    FileSecrets read = new FileSecrets(file, Map.of());
    assertThat(read.value(KEY)).contains(PEM.stripTrailing());
    assertThat(read.value(HOOK)).contains("it's: \"odd\" #1");
  }

  @Test
  void replacesItsOwnEntriesAndLeavesTheOthersAsTheyWereWritten() throws Exception {
    Files.writeString(
        file,
        "# ours\nslack: abc\ngithub-app-key: |\n  old\n\n  lines\n\"github-webhook\": old\nlast: x");
    new SecretsFile(file).put(Map.of(KEY, PEM, HOOK, "new"));
    assertThat(Files.readString(file))
        .startsWith("# ours\nslack: abc\n")
        .contains("last: x\n")
        .doesNotContain("old");
    assertThat(new FileSecrets(file, Map.of()).value(HOOK)).contains("new");
    assertThat(new FileSecrets(file, Map.of()).value(new SecretRef("last"))).contains("x");
  }

  @Test
  void leavesAFileOfAnotherFormAsItIs() throws Exception {
    Files.writeString(file, "{ slack: abc }\n");
    assertThatThrownBy(() -> new SecretsFile(file).put(Map.of(HOOK, "new")))
        .isInstanceOf(StalledException.class);
    assertThat(Files.readString(file)).isEqualTo("{ slack: abc }\n");
  }
}
