package dev.muster.agent.windows;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Ctrl-C for every process of this one's console but this one itself. GitHub's runner then cancels
 * its job and says so; a program without a console does not hear it, and is ended by force later.
 */
final class ConsoleInterrupt {
  private static final int CTRL_C_EVENT = 0;
  private static final int EVERY_PROCESS = 0;

  private ConsoleInterrupt() {}

  /**
   * Does nothing where there is no Windows; a job is then ended by force when its grace is over.
   */
  @SuppressWarnings("restricted") // calls into kernel32
  static void send() {
    if (!System.getProperty("os.name", "").startsWith("Windows")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    SymbolLookup kernel32 = SymbolLookup.libraryLookup("kernel32", Arena.global());
    MethodHandle ignore =
        linker.downcallHandle(
            kernel32.findOrThrow("SetConsoleCtrlHandler"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    MethodHandle generate =
        linker.downcallHandle(
            kernel32.findOrThrow("GenerateConsoleCtrlEvent"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    try {
      // No handler and "true": this process ignores Ctrl-C from now on.
      int ignored = (int) ignore.invokeExact(MemorySegment.NULL, 1);
      int sent = ignored == 0 ? 0 : (int) generate.invokeExact(CTRL_C_EVENT, EVERY_PROCESS);
      if (sent == 0) {
        System.err.println("muster-job: the console takes no Ctrl-C; the job is ended by force");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("A call into kernel32 throws nothing", e);
    }
  }
}
