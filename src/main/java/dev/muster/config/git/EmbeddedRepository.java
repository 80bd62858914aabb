package dev.muster.config.git;

import dev.muster.config.ConfigRepository;
import dev.muster.kernel.reconcile.TransientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/** The bare repository under home. */
public final class EmbeddedRepository implements ConfigRepository {
  private final Repository repository;
  private final String branch;

  private EmbeddedRepository(Repository repository, String branch) {
    this.repository = repository;
    this.branch = Constants.R_HEADS + branch;
  }

  /** Opens the repository, and makes it first where there is none. */
  public static EmbeddedRepository open(Path folder, String branch) throws IOException {
    Isolation.install();
    boolean exists = Files.exists(folder.resolve(Constants.HEAD));
    Repository repository =
        new FileRepositoryBuilder().setGitDir(folder.toFile()).setBare().build();
    if (!exists) {
      repository.create(true);
    }
    repository.updateRef(Constants.HEAD).link(Constants.R_HEADS + branch);
    return new EmbeddedRepository(repository, branch);
  }

  Repository repository() {
    return repository;
  }

  /** The full name of the config branch. */
  String branch() {
    return branch;
  }

  @Override
  public String source() {
    return "embedded";
  }

  @Override
  public boolean remote() {
    return false;
  }

  @Override
  public Optional<String> head() {
    try {
      Ref ref = repository.exactRef(branch);
      return Optional.ofNullable(ref).map(Ref::getObjectId).map(ObjectId::name);
    } catch (IOException e) {
      throw new TransientException("Reading the embedded config repository failed: " + e, e);
    }
  }

  @Override
  public Commit read(String id) {
    try (ObjectReader reader = repository.newObjectReader()) {
      return CommitReader.read(reader, source(), ObjectId.fromString(id));
    } catch (IOException e) {
      throw new TransientException(
          "Reading commit " + id + " of the embedded config repository failed: " + e, e);
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}
