package dev.muster.config.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A bare repository on this machine, opened when it is first needed and made where there is none.
 * An appliance serves before that: JGit takes a fifth of a second of processor time to get going.
 */
final class BareRepository implements AutoCloseable {
  private final Path folder;
  private final Optional<String> headBranch;
  private @Nullable Repository opened;
  private boolean closed;

  /**
   * Touches nothing yet.
   *
   * @param headBranch full name of what {@code HEAD} shall mean; empty leaves it as it is
   */
  BareRepository(Path folder, Optional<String> headBranch) {
    this.folder = folder;
    this.headBranch = headBranch;
  }

  /**
   * The open repository.
   *
   * @throws IOException when the folder holds none and none can be made, or after {@link #close}
   */
  synchronized Repository get() throws IOException {
    if (closed) {
      throw new IOException("The repository " + folder + " is closed");
    }
    Repository known = opened;
    if (known == null) {
      known = open();
      opened = known;
    }
    return known;
  }

  private Repository open() throws IOException {
    Isolation.install();
    boolean exists = Files.exists(folder.resolve(Constants.HEAD));
    Repository repository =
        new FileRepositoryBuilder().setGitDir(folder.toFile()).setBare().build();
    try {
      if (!exists) {
        repository.create(true);
      }
      if (headBranch.isPresent()) {
        repository.updateRef(Constants.HEAD).link(headBranch.get());
      }
      return repository;
    } catch (IOException | RuntimeException e) {
      repository.close();
      throw e;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (opened != null) {
      opened.close();
    }
  }
}
