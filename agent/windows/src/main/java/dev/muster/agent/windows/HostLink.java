package dev.muster.agent.windows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Where the agent waits for the host of one job: a loopback port, and a key in a file that says
 * which. The file's folder is for the agent and the job's user alone; it is gone once the host is
 * here, before the job's code runs.
 */
final class HostLink implements AutoCloseable {
  private static final int KEY_BYTES = 32;

  private final ServerSocket door;
  private final Path file;
  private final byte[] key;

  private HostLink(ServerSocket door, Path file, byte[] key) {
    this.door = door;
    this.file = file;
    this.key = key;
  }

  static HostLink open(Path folder) throws IOException {
    ServerSocket door = new ServerSocket();
    try {
      door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      byte[] bytes = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(bytes);
      String key = HexFormat.of().formatHex(bytes);
      Path file = Files.createDirectories(folder).resolve("host.txt");
      Files.writeString(file, "%d\n%s\n".formatted(door.getLocalPort(), key));
      return new HostLink(door, file, key.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      door.close();
      throw e;
    }
  }

  Path file() {
    return file;
  }

  /**
   * The host, once it is here. Whoever does not know the key is sent away.
   *
   * @throws IOException when it has not come within {@code most}
   */
  HostChannel await(Duration most) throws IOException {
    long end = System.nanoTime() + most.toNanos();
    while (true) {
      long left = Duration.ofNanos(end - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new SocketTimeoutException("no host of a job has come within " + most);
      }
      door.setSoTimeout((int) left);
      Socket socket = door.accept();
      socket.setSoTimeout((int) left);
      HostChannel channel = new HostChannel(socket);
      if (knows(channel)) {
        socket.setSoTimeout(0);
        Files.deleteIfExists(file);
        return channel;
      }
      channel.close();
    }
  }

  private boolean knows(HostChannel channel) {
    try {
      return MessageDigest.isEqual(key, channel.readKey().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    Files.deleteIfExists(file);
  }
}
