package dev.muster.kernel.supervision;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The service manager's end: a real unix datagram socket that is listened at. */
public final class DatagramSocketFile implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int LONGEST = 4_096;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final int descriptor;

  /** At a path, or an abstract name after an {@code @}. */
  public DatagramSocketFile(String address) {
    try (Arena arena = Arena.ofConfined()) {
      descriptor =
          (int)
              function("socket", JAVA_INT, JAVA_INT, JAVA_INT).invokeExact(AF_UNIX, SOCK_DGRAM, 0);
      MemorySegment name = NotifySocket.socketAddress(arena, address);
      require(
          (int)
              function("bind", JAVA_INT, ADDRESS, JAVA_INT)
                  .invokeExact(descriptor, name, (int) name.byteSize()),
          "bind to " + address);
      MemorySegment timeout = arena.allocateFrom(JAVA_LONG, PATIENCE.toSeconds(), 0);
      require(
          (int)
              function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT)
                  .invokeExact(descriptor, SOL_SOCKET, SO_RCVTIMEO, timeout, 16),
          "set a timeout");
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** The next datagram. */
  public String receive() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(LONGEST);
      long length = (long) receiver().invokeExact(descriptor, buffer, (long) LONGEST, 0);
      require((int) length, "receive within " + PATIENCE);
      return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** All datagrams up to the first one that is meant. */
  public List<String> receiveUntil(Predicate<String> meant) {
    List<String> heard = new ArrayList<>();
    do {
      heard.add(receive());
    } while (!meant.test(heard.getLast()));
    return heard;
  }

  private static void require(int result, String what) {
    if (result < 0) {
      throw new AssertionError("Could not " + what);
    }
  }

  private static MethodHandle function(String name, java.lang.foreign.MemoryLayout... arguments) {
    return link(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static MethodHandle receiver() {
    return link("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle link(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  @Override
  public void close() {
    try {
      require((int) function("close", JAVA_INT).invokeExact(descriptor), "close");
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
