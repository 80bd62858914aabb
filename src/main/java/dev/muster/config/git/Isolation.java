package dev.muster.config.git;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/**
 * Keeps JGit from the configuration of the machine and of whoever runs the appliance: what a
 * repository does must follow from it alone. It also saves the start a tenth of a second, as JGit
 * would run the git program to ask where that configuration lies, and time the file system.
 */
final class Isolation extends SystemReader.Delegate {
  private Isolation(SystemReader reader) {
    super(reader);
  }

  /** For the whole process, as JGit knows it no other way. */
  static synchronized void install() {
    if (!(SystemReader.getInstance() instanceof Isolation)) {
      SystemReader.setInstance(new Isolation(SystemReader.getInstance()));
    }
  }

  @Override
  public @Nullable String getenv(String variable) {
    return variable.startsWith("GIT_") ? null : super.getenv(variable);
  }

  @Override
  public FileBasedConfig openSystemConfig(@Nullable Config parent, FS files) {
    return new Nothing(parent, files);
  }

  @Override
  public FileBasedConfig openUserConfig(@Nullable Config parent, FS files) {
    return new Nothing(parent, files);
  }

  @Override
  public FileBasedConfig openJGitConfig(@Nullable Config parent, FS files) {
    return new Nothing(parent, files);
  }

  /** A configuration without a file. */
  private static final class Nothing extends FileBasedConfig {
    /** What JGit assumes where it has not measured; measuring takes a core for 0.2 s. */
    private static final Duration TIMESTAMP_RESOLUTION = Duration.ofSeconds(2);

    @SuppressWarnings("NullAway") // JGit's own way to say "no file"
    Nothing(@Nullable Config parent, FS files) {
      super(parent, null, files);
    }

    /** JGit looks here for what it measured of the file system, unless it is known. */
    @Override
    public long getTimeUnit(
        String section, @Nullable String part, String name, long otherwise, TimeUnit unit) {
      return name.equals("timestampResolution") ? unit.convert(TIMESTAMP_RESOLUTION) : otherwise;
    }

    @Override
    public void load() {}

    @Override
    public void save() {}

    @Override
    public boolean isOutdated() {
      return false;
    }
  }
}
