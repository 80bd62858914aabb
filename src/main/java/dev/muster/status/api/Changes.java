package dev.muster.status.api;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells whoever looks at the page that something changed. Commits are only counted; without a
 * listener that is all that happens, and a listener sleeps until one comes.
 */
public final class Changes implements AutoCloseable {
  /** Pages open at a time; each holds a connection. */
  static final int MOST_LISTENERS = 64;

  /** How often a listener is told at most. */
  private static final Duration APART = Duration.ofMillis(500);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition closing = lock.newCondition();
  private long count;
  private int listeners;
  private boolean closed;

  /** Something was committed. */
  public void changed() {
    lock.lock();
    try {
      count++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What a listener woke for. */
  enum Woken {
    CHANGED,
    NOTHING,
    CLOSED
  }

  /** One page that is looked at; used by one thread. */
  final class Listener implements AutoCloseable {
    private long seen;

    private Listener(long seen) {
      this.seen = seen;
    }

    /**
     * Waits for a change since the last one that was told, at least {@link #APART} after it.
     *
     * @param most returns {@code NOTHING} after this long without one
     */
    Woken await(Duration most) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        long left = most.toNanos();
        while (!closed && count == seen && left > 0) {
          left = changed.awaitNanos(left);
        }
        if (closed) {
          return Woken.CLOSED;
        }
        if (count == seen) {
          return Woken.NOTHING;
        }
        gather();
        seen = count;
        return closed ? Woken.CLOSED : Woken.CHANGED;
      } finally {
        lock.unlock();
      }
    }

    /** A change seldom comes alone: what comes shortly after is told with it. */
    private void gather() throws InterruptedException {
      long left = APART.toNanos();
      while (!closed && left > 0) {
        left = closing.awaitNanos(left);
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        listeners--;
      } finally {
        lock.unlock();
      }
    }
  }

  /** Begins to listen; empty when {@link #MOST_LISTENERS} do already. */
  Optional<Listener> listen() {
    lock.lock();
    try {
      if (listeners >= MOST_LISTENERS || closed) {
        return Optional.empty();
      }
      listeners++;
      return Optional.of(new Listener(count));
    } finally {
      lock.unlock();
    }
  }

  /** Lets every listener go. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      closing.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many listen now. */
  int listeners() {
    lock.lock();
    try {
      return listeners;
    } finally {
      lock.unlock();
    }
  }
}
