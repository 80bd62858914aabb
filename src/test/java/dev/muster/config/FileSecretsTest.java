package dev.muster.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.kernel.reconcile.StalledException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSecretsTest {
  private static final SecretRef KEY = new SecretRef("github-app.key");

  private final Path file;
  private final Secrets secrets;

  FileSecretsTest(@TempDir Path home) {
    file = home.resolve("secrets.yml");
    secrets = new FileSecrets(file, Map.of("MUSTER_SECRET_GITHUB_APP_KEY", "from environment"));
  }

  private void write(String text, String permissions) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void readsTheFileBeforeTheEnvironment() throws IOException {
    assertThat(secrets.value(KEY)).contains("from environment");
    write("github-app.key: |\n  line 1\n  line 2\n", "rw-------");
    assertThat(secrets.value(KEY)).contains("line 1\nline 2");
    assertThat(secrets.value(new SecretRef("unknown"))).isEmpty();
    Files.delete(file);
    assertThat(secrets.value(KEY)).contains("from environment");
  }

  @Test
  void saysWhereASecretIsFound() throws IOException {
    assertThat(secrets.find(KEY).orElseThrow().place())
        .isEqualTo("variable MUSTER_SECRET_GITHUB_APP_KEY");
    write("github-app.key: hunter2", "rw-------");
    Secrets.Found found = secrets.find(KEY).orElseThrow();
    assertThat(found.place()).isEqualTo(file.toString());
    assertThat(found).asString().doesNotContain("hunter2");
  }

  @Test
  void readsTheFileAgainOnlyWhenItChanged() throws IOException {
    write("github-app.key: one", "rw-------");
    FileTime time = Files.getLastModifiedTime(file);
    assertThat(secrets.value(KEY)).contains("one");

    Files.writeString(file, "github-app.key: two");
    Files.setLastModifiedTime(file, time);
    assertThat(secrets.value(KEY)).contains("one");

    Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() + 5_000));
    assertThat(secrets.value(KEY)).contains("two");
  }

  @Test
  void refusesAFileThatOthersMayRead() throws IOException {
    write("github-app.key: hunter2", "rw-r-----");
    assertThatExceptionOfType(StalledException.class)
        .isThrownBy(() -> secrets.value(KEY))
        .withMessageContaining("chmod 600 " + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(secrets.value(KEY)).contains("hunter2");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
    assertThatExceptionOfType(StalledException.class).isThrownBy(() -> secrets.value(KEY));
  }

  @Test
  void refusesABrokenFileWithoutQuotingIt() throws IOException {
    for (String broken : new String[] {"- hunter2", "hunter2", "a: [hunter2]", "a: \"hunter2"}) {
      write(broken, "rw-------");
      assertThatExceptionOfType(StalledException.class)
          .isThrownBy(() -> secrets.value(KEY))
          .withMessageContaining("secrets.yml:1:")
          .withMessageNotContaining("hunter2");
    }
  }
}
