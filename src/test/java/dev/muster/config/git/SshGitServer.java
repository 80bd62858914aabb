package dev.muster.config.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.shell.ProcessShellFactory;

/** Git's own programs behind an ssh server on loopback, which lets one key in. */
final class SshGitServer implements AutoCloseable {
  private final KeyPair host = keys();
  private final SshServer server = SshServer.setUpDefaultServer();

  SshGitServer(PublicKey guest) throws IOException {
    server.setHost("127.0.0.1");
    server.setPort(0);
    server.setKeyPairProvider(KeyPairProvider.wrap(List.of(host)));
    server.setPublickeyAuthenticator((user, key, session) -> KeyUtils.compareKeys(key, guest));
    server.setCommandFactory((channel, command) ->
        new ProcessShellFactory(command, "/bin/sh", "-c", command).createShell(channel));
    server.start();
  }

  static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Of a repository by its path on this machine. */
  String url(Path repository) {
    return "ssh://git@127.0.0.1:" + server.getPort() + repository;
  }

  /** Puts its key among those that are known. */
  void known(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "[127.0.0.1]:%d %s%n"
            .formatted(server.getPort(), PublicKeyEntry.toString(host.getPublic())));
  }

  @Override
  public void close() throws IOException {
    server.stop(true);
  }
}
