package dev.muster.agent.linux;

import dev.muster.agent.protocol.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** The session between restarts of the agent, in {@code session.json}; gone once assigned. */
final class SessionFile {
  private final PrivateFile file;

  SessionFile(PrivateFile file) {
    this.file = file;
  }

  Optional<Secret> load() {
    try {
      return file.exists() && file.read().get("session") instanceof String session
          ? Optional.of(new Secret(session))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("load session: " + e.getMessage(), e);
    }
  }

  void save(Secret session) {
    try {
      file.write(Map.of("session", session.value()));
    } catch (IOException e) {
      throw new UncheckedIOException("save session to " + file.path(), e);
    }
  }

  void forget() {
    try {
      file.delete();
    } catch (IOException e) {
      throw new UncheckedIOException("forget session in " + file.path(), e);
    }
  }
}
