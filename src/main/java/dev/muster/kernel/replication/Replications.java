package dev.muster.kernel.replication;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The replications of the environments that name tables, as the config in force has them. */
public final class Replications implements Membership.All, AutoCloseable {
  private static final Logger log = System.getLogger(Replications.class.getName());

  /**
   * What an environment asks for.
   *
   * @param tables the prefix of its tables' names
   * @param role its account's role for this appliance
   * @param rules who stands in for a silent region, by region
   */
  public record Wish(
      String environment,
      String tables,
      Optional<String> role,
      Map<String, Succession.Rule> rules) {
    public Wish {
      rules = Map.copyOf(rules);
    }

    boolean samePlace(Wish other) {
      return tables.equals(other.tables()) && role.equals(other.role());
    }
  }

  /** Makes a replication that is not started. */
  public interface Maker {
    Replication make(Wish wish);
  }

  private record Running(Wish wish, Replication replication) {}

  private final Maker maker;
  private final Map<String, Running> running = new HashMap<>();
  private volatile Map<String, Replication> now = Map.of();
  private final AtomicInteger changing = new AtomicInteger();

  /** One change at a time; its thread is there while there is one to make. */
  private final ExecutorService changes =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("replications").factory());

  public Replications(Maker maker) {
    this.maker = maker;
  }

  @Override
  public Map<String, Replication> now() {
    return now;
  }

  /** Makes what runs what is wished for; returns at once. */
  public void want(Map<String, Wish> wishes) {
    if (wishes.isEmpty() && now.isEmpty()) {
      return;
    }
    change(() -> change(wishes));
  }

  /** Begins an environment's anew, as after its region was lost; returns at once. */
  public void renew(String environment) {
    change(() -> renewNow(environment));
  }

  private void change(Runnable change) {
    changing.incrementAndGet();
    changes.execute(() -> {
      try {
        change.run();
      } finally {
        changing.decrementAndGet();
      }
    });
  }

  /** That another appliance has this one's region in some environment. */
  public Optional<String> refused() {
    return now.values().stream().flatMap(one -> one.refused().stream()).findFirst();
  }

  @Override
  public boolean changing() {
    return changing.get() > 0;
  }

  private synchronized void change(Map<String, Wish> wishes) {
    Map.copyOf(running)
        .forEach((environment, one) -> {
          Wish wish = wishes.get(environment);
          if (wish == null || !wish.samePlace(one.wish())) {
            running.remove(environment);
            one.replication().close();
          }
        });
    wishes.values().forEach(this::change);
    publish();
  }

  private synchronized void renewNow(String environment) {
    Running before = running.remove(environment);
    if (before != null) {
      before.replication().close();
      change(before.wish());
      publish();
    }
  }

  private void publish() {
    Map<String, Replication> all = new HashMap<>();
    running.forEach((environment, one) -> all.put(environment, one.replication()));
    now = Map.copyOf(all);
  }

  private void change(Wish wish) {
    try {
      Running one = running.get(wish.environment());
      if (one == null) {
        one = new Running(wish, maker.make(wish));
        one.replication().start();
      } else {
        one.replication().lease().rules(wish.rules());
        one.replication().replicator().seed();
      }
      running.put(wish.environment(), new Running(wish, one.replication()));
    } catch (RuntimeException e) {
      log.log(
          Level.ERROR,
          "Environment "
              + wish.environment()
              + " is not kept in step with other regions before the next start or config",
          e);
    }
  }

  @Override
  public void close() {
    changes.close();
    synchronized (this) {
      running.values().forEach(one -> one.replication().close());
      running.clear();
      now = Map.of();
    }
  }
}
