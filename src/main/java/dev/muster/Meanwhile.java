package dev.muster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** What a start does side by side. */
final class Meanwhile {
  private Meanwhile() {}

  static <T> Future<T> begin(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().name("start").start(task);
    return task;
  }

  /**
   * What came of it.
   *
   * @throws IOException what it threw, or that this was interrupted
   */
  static <T> T result(Future<T> future) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException("The start failed", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("The start was interrupted");
    }
  }

  /**
   * Closes what came of it; where it failed there is nothing to close, and the start has said so.
   */
  static void close(Future<? extends AutoCloseable> future) throws Exception {
    try {
      future.get().close();
    } catch (ExecutionException e) {
      System.getLogger(Meanwhile.class.getName()).log(Level.DEBUG, "There is nothing to close", e);
    }
  }
}
