package dev.muster.agent.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.muster.agent.common.AgentTime;
import dev.muster.agent.common.Grace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The processes of one operating-system session: a command started by {@code setsid}, its children
 * and theirs, whatever process groups they made within it. Descendants that left the session are
 * found too while their parents live; a daemon whose parents are gone is not.
 */
final class ProcessSession {
  /**
   * GitHub's runner as {@code /proc/PID/comm} names it: with just the 15 characters it may have.
   */
  private static final String LISTENER = "Runner.Listener";

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final ProcessHandle leader;
  private final AgentTime time;

  ProcessSession(ProcessHandle leader, AgentTime time) {
    this.leader = leader;
    this.time = time;
  }

  /**
   * INT for GitHub's runner, which then cancels its job and says so; TERM for whatever is left, and
   * KILL for what does not heed that. Returns when none is left.
   */
  void end(Grace grace) throws InterruptedException {
    // Taken before the first signal: once a parent is gone, its children are nobody's descendants.
    Set<ProcessHandle> strays = new HashSet<>(leader.descendants().toList());
    if (!grace.cancel().isZero() && members().stream().anyMatch(ProcessSession::isListener)) {
      endAll(strays, grace.cancel(), ProcessSession::cancel);
    }
    endAll(strays, grace.term(), ProcessHandle::destroy);
    endAll(strays, KILL_LIMIT, ProcessHandle::destroyForcibly);
  }

  /** Not its worker, which the listener ends in order, nor its scripts, which only wait for it. */
  private static boolean isListener(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "comm"), ISO_8859_1)
          .strip()
          .equals(LISTENER);
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  private static void cancel(ProcessHandle process) {
    if (!isListener(process)) {
      return;
    }
    try {
      // Java itself sends TERM and KILL alone.
      new ProcessBuilder("sh", "-c", "kill -INT \"$1\"", "sh", String.valueOf(process.pid()))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .onExit()
          .join();
    } catch (IOException e) {
      throw new UncheckedIOException("send INT to process " + process.pid(), e);
    }
  }

  /** Signals every process once, those that appear meanwhile too, until none is left. */
  private void endAll(Set<ProcessHandle> strays, Duration limit, Consumer<ProcessHandle> signal)
      throws InterruptedException {
    Set<ProcessHandle> signalled = new HashSet<>();
    Duration end = time.elapsed().plus(limit);
    while (true) {
      Set<ProcessHandle> alive = members();
      strays.stream().filter(ProcessHandle::isAlive).forEach(alive::add);
      if (alive.isEmpty() || time.elapsed().compareTo(end) >= 0) {
        return;
      }
      alive.stream().filter(signalled::add).forEach(signal);
      time.sleep(LOOK_AGAIN);
    }
  }

  private Set<ProcessHandle> members() {
    Set<ProcessHandle> members = new HashSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
      for (Path process : processes) {
        if (isMember(process)) {
          ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
              .ifPresent(members::add);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw new UncheckedIOException("list processes of session " + leader.pid(), e.getCause());
    } catch (IOException e) {
      throw new UncheckedIOException("list processes of session " + leader.pid(), e);
    }
    return members;
  }

  /** {@code PID (COMMAND) STATE PPID PGRP SESSION ...}; zombies are as good as gone. */
  private boolean isMember(Path process) throws IOException {
    String stat;
    try {
      stat = Files.readString(process.resolve("stat"), ISO_8859_1);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      // ESRCH: it ended between the listing and the read.
      if (Files.exists(process)) {
        throw e;
      }
      return false;
    }
    // The command may hold spaces and parentheses itself.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
    return !fields[0].equals("Z") && Long.parseLong(fields[3]) == leader.pid();
  }
}
