package dev.muster.kernel.supervision;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * Sends datagrams to a unix socket, named by a path or, after an {@code @}, in Linux's abstract
 * namespace. Numbers are those of Linux on amd64 and arm64. Not for use by several threads.
 */
final class NotifySocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;

  /** {@code sizeof sun_path}; a path's closing zero counts. */
  private static final int LONGEST = 108;

  private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();

  private final String address;
  private final MethodHandle sendTo;
  private final MethodHandle close;
  private final int descriptor;

  private NotifySocket(String address, MethodHandle sendTo, MethodHandle close, int descriptor) {
    this.address = address;
    this.sendTo = sendTo;
    this.close = close;
    this.descriptor = descriptor;
  }

  /**
   * Opens a socket of ours; whether anybody listens at the address shows when something is sent.
   *
   * @throws IOException when the address is none, or the system gives no socket
   */
  static NotifySocket open(String address) throws IOException {
    int length = address.getBytes(StandardCharsets.UTF_8).length;
    if (!(address.startsWith("/") || address.startsWith("@")) || length < 2) {
      throw new IOException("'%s' is neither a path nor an abstract name".formatted(address));
    }
    if (length > LONGEST - (address.startsWith("/") ? 1 : 0)) {
      throw new IOException("'%s' is too long for the address of a socket".formatted(address));
    }
    MethodHandle socket =
        function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    MethodHandle sendTo =
        function(
            "sendto",
            FunctionDescriptor.of(
                JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    MethodHandle close = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      int descriptor = (int) socket.invokeExact(state, AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (descriptor < 0) {
        throw new IOException("Open a unix datagram socket: errno " + errno(state));
      }
      return new NotifySocket(address, sendTo, close, descriptor);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A call into the C library throws nothing", e);
    }
  }

  /**
   * Sends a datagram; never waits.
   *
   * @throws IOException when nobody listens there, or does not read
   */
  void send(String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      MemorySegment text = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      MemorySegment to = socketAddress(arena, address);
      long sent =
          (long)
              sendTo.invokeExact(
                  state,
                  descriptor,
                  text,
                  (long) bytes.length,
                  MSG_DONTWAIT | MSG_NOSIGNAL,
                  to,
                  (int) to.byteSize());
      if (sent != bytes.length) {
        throw new IOException("Send to the socket %s: errno %d".formatted(address, errno(state)));
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A call into the C library throws nothing", e);
    }
  }

  /** {@code struct sockaddr_un}, as long as it has to be: in an abstract name zeros would count. */
  static MemorySegment socketAddress(Arena arena, String address) {
    byte[] name = address.getBytes(StandardCharsets.UTF_8);
    boolean path = name[0] == '/';
    MemorySegment segment = arena.allocate(Short.BYTES + name.length + (path ? 1L : 0L), 2);
    segment.set(JAVA_SHORT, 0, (short) AF_UNIX);
    MemorySegment.copy(name, 0, segment, ValueLayout.JAVA_BYTE, Short.BYTES, name.length);
    if (!path) {
      segment.set(ValueLayout.JAVA_BYTE, Short.BYTES, (byte) 0);
    }
    return segment;
  }

  @SuppressWarnings("restricted") // the launcher allows it with --enable-native-access
  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  private static int errno(MemorySegment state) {
    return state.get(
        JAVA_INT, CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno")));
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      int ignored = (int) close.invokeExact(arena.allocate(CALL_STATE), descriptor);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A call into the C library throws nothing", e);
    }
  }
}
