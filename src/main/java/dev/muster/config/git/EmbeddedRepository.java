package dev.muster.config.git;

import dev.muster.config.ConfigRepository;
import dev.muster.kernel.reconcile.TransientException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;

/** The bare repository under home. */
public final class EmbeddedRepository implements ConfigRepository {
  private final BareRepository local;
  private final String branch;

  /** Opens the repository when it is first asked, and makes it then where there is none. */
  public EmbeddedRepository(Path folder, String branch) {
    this.branch = Constants.R_HEADS + branch;
    this.local = new BareRepository(folder, Optional.of(this.branch));
  }

  Repository repository() throws IOException {
    return local.get();
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
      Ref ref = repository().exactRef(branch);
      return Optional.ofNullable(ref).map(Ref::getObjectId).map(ObjectId::name);
    } catch (IOException e) {
      throw new TransientException("Reading the embedded config repository failed: " + e, e);
    }
  }

  @Override
  public Commit read(String id) {
    try (ObjectReader reader = repository().newObjectReader()) {
      return CommitReader.read(reader, source(), ObjectId.fromString(id));
    } catch (IOException e) {
      throw new TransientException(
          "Reading commit " + id + " of the embedded config repository failed: " + e, e);
    }
  }

  @Override
  public void close() {
    local.close();
  }
}
