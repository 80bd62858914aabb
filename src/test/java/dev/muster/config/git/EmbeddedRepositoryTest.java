package dev.muster.config.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.reconcile.TransientException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.lib.Constants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRepositoryTest {
  @TempDir Path folder;

  @Test
  void nothingIsThereBeforeItIsAsked() {
    Path git = folder.resolve("config.git");
    try (EmbeddedRepository repository = new EmbeddedRepository(git, "main")) {
      assertThat(git).doesNotExist();
      assertThat(repository.head()).isEmpty();
      assertThat(git.resolve(Constants.HEAD)).hasContent("ref: refs/heads/main");
    }
  }

  @Test
  void folderThatIsNoRepositoryIsSaidWhenItIsAskedAndMayBeMended() throws Exception {
    Path git = Files.writeString(folder.resolve("config.git"), "a file");
    try (EmbeddedRepository repository = new EmbeddedRepository(git, "main")) {
      assertThatThrownBy(repository::head)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("embedded config repository");
      Files.delete(git);
      assertThat(repository.head()).isEmpty();
    }
  }

  @Test
  void closedOneIsNotOpenedAgain() {
    EmbeddedRepository repository = new EmbeddedRepository(folder.resolve("config.git"), "main");
    repository.close();
    assertThatThrownBy(repository::head).hasMessageContaining("closed");
  }
}
