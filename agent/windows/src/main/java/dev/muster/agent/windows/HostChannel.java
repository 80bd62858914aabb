package dev.muster.agent.windows;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the agent and a job's host say to each other over a loopback socket: the host its key, the
 * agent the job, and then the host output and the end, the agent at most one wish to cancel.
 * Nothing of it is ever on a disk or in a command line.
 */
final class HostChannel implements AutoCloseable {
  private static final int LONGEST = 256 * 1024;
  private static final int CANCEL = 1;
  private static final int OUTPUT = 2;
  private static final int EXITED = 3;
  private static final int NOT_STARTED = 4;

  /** What is to be started. Its text form shows nothing: the environment holds credentials. */
  record Order(List<String> command, Map<String, String> environment, String folder) {
    Order {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }

    @Override
    public String toString() {
      return "Order" + command;
    }
  }

  /** What a host says. */
  sealed interface Word {
    record Output(byte[] bytes) implements Word {}

    record Exited(int code) implements Word {}

    record NotStarted(String why) implements Word {}
  }

  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  HostChannel(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(socket.getOutputStream());
    socket.setTcpNoDelay(true);
  }

  synchronized void sendKey(String key) throws IOException {
    write(key);
  }

  String readKey() throws IOException {
    return read();
  }

  synchronized void send(Order order) throws IOException {
    out.writeInt(order.command().size());
    for (String part : order.command()) {
      write(part);
    }
    out.writeInt(order.environment().size());
    for (Map.Entry<String, String> variable : order.environment().entrySet()) {
      write(variable.getKey());
      write(variable.getValue());
    }
    write(order.folder());
  }

  Order readOrder() throws IOException {
    List<String> command = new ArrayList<>();
    for (int left = count(); left > 0; left--) {
      command.add(read());
    }
    Map<String, String> environment = new LinkedHashMap<>();
    for (int left = count(); left > 0; left--) {
      environment.put(read(), read());
    }
    return new Order(command, environment, read());
  }

  synchronized void cancel() throws IOException {
    out.writeByte(CANCEL);
  }

  /** Waits for the agent's wish; false when the agent has gone instead. */
  boolean awaitCancel() {
    try {
      return in.readByte() == CANCEL;
    } catch (IOException e) {
      return false;
    }
  }

  synchronized void send(Word word) {
    try {
      switch (word) {
        case Word.Output(byte[] bytes) -> {
          out.writeByte(OUTPUT);
          out.writeInt(bytes.length);
          out.write(bytes);
        }
        case Word.Exited(int code) -> {
          out.writeByte(EXITED);
          out.writeInt(code);
        }
        case Word.NotStarted(String why) -> {
          out.writeByte(NOT_STARTED);
          write(why);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("tell the agent", e);
    }
  }

  /**
   * The host's next word.
   *
   * @throws IOException when the host has gone without a word
   */
  Word next() throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case OUTPUT -> new Word.Output(bytes());
      case EXITED -> new Word.Exited(in.readInt());
      case NOT_STARTED -> new Word.NotStarted(read());
      default -> throw new IOException("a job's host said %d, which is no word".formatted(kind));
    };
  }

  private void write(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private String read() throws IOException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  private byte[] bytes() throws IOException {
    return in.readNBytes(count());
  }

  private int count() throws IOException {
    int count = in.readInt();
    if (count < 0 || count > LONGEST) {
      throw new IOException("a length of %d is out of range".formatted(count));
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
