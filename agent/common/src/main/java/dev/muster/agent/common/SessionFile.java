package dev.muster.agent.common;

import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** The session between restarts of the agent, in {@code session.json}; gone once assigned. */
public final class SessionFile {
  private final PrivateFile file;

  public SessionFile(PrivateFile file) {
    this.file = file;
  }

  public Optional<Secret> load() {
    try {
      return file.exists() && file.read().get("session") instanceof String session
          ? Optional.of(new Secret(session))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("load session: " + e.getMessage(), e);
    }
  }

  public void save(Secret session) {
    try {
      file.write(Map.of("session", session.value()));
    } catch (IOException e) {
      throw new UncheckedIOException("save session to " + file.path(), e);
    }
  }

  public void forget() {
    try {
      file.delete();
    } catch (IOException e) {
      throw new UncheckedIOException("forget session in " + file.path(), e);
    }
  }
}
