package dev.muster.kernel.replication;

import dev.muster.kernel.reconcile.TransientException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A table with a replica in each region, in memory: what is written in one reaches the others only
 * when a test lets it, in any order between items, once or twice; of two writes to one item the
 * later wins. A region may be cut off from the others, and its replica may be away.
 */
public final class GlobalTable {
  /** A write on its way to another region. */
  private record Moving(String to, String key, long stamp, Object value) {}

  private record Cell(long stamp, Object value) {}

  private final Map<String, Replica> replicas = new TreeMap<>();
  private final List<Moving> moving = new ArrayList<>();
  private final Set<String> cut = new HashSet<>();
  private long stamp;
  private int written;

  /** A region's replica; one that is added has what the others have. */
  public synchronized Replica in(String region) {
    Replica there = replicas.get(region);
    if (there == null) {
      there = new Replica(region);
      for (Replica other : replicas.values()) {
        for (Map.Entry<String, Cell> cell : other.cells.entrySet()) {
          there.arrive(
              new Moving(region, cell.getKey(), cell.getValue().stamp(), cell.getValue().value()));
        }
      }
      replicas.put(region, there);
    }
    return there;
  }

  /** Nothing comes from or goes to a region until it is {@link #join}ed again. */
  public synchronized void cut(String region) {
    cut.add(region);
  }

  public synchronized void join(String region) {
    cut.remove(region);
  }

  /** How many writes are on their way. */
  public synchronized int moving() {
    return moving.size();
  }

  /** Items written so far, leases left out. */
  public synchronized int written() {
    return written;
  }

  /** Brings some writes to where they go, each maybe twice. */
  public synchronized void move(int most, RandomGenerator random) {
    for (int i = 0; i < most; i++) {
      List<Moving> free =
          moving.stream()
              .filter(m -> !cut.contains(m.to()) && !cut.contains(origin(m.key())))
              .toList();
      if (free.isEmpty()) {
        return;
      }
      Moving next = free.get(random.nextInt(free.size()));
      if (random.nextInt(5) > 0) {
        moving.remove(next);
      }
      in(next.to()).arrive(next);
    }
  }

  /** Brings all that can come to where it goes. */
  public synchronized void settle() {
    List<Moving> free =
        moving.stream()
            .filter(m -> !cut.contains(m.to()) && !cut.contains(origin(m.key())))
            .toList();
    moving.removeAll(free);
    free.forEach(m -> in(m.to()).arrive(m));
  }

  /** Keys begin with the region that writes them. */
  private static String origin(String key) {
    return key.substring(0, key.indexOf(' '));
  }

  /** A region's replica. */
  public final class Replica implements SharedTable {
    private final String region;
    private final Map<String, Cell> cells = new TreeMap<>();
    private final List<Follower> followers = new ArrayList<>();
    private boolean away;
    private int room = Integer.MAX_VALUE;

    private Replica(String region) {
      this.region = region;
    }

    /** Answers nothing until it is back. */
    public void away(boolean now) {
      away = now;
    }

    /** Takes only so many items of a call. */
    public void room(int items) {
      room = items;
    }

    /** All that it has, leases left out. */
    public Map<Item.Key, Item> items() {
      synchronized (GlobalTable.this) {
        Map<Item.Key, Item> items = new HashMap<>();
        cells.values().stream()
            .filter(cell -> cell.value() instanceof Item)
            .map(cell -> (Item) cell.value())
            .forEach(item -> items.put(item.key(), item));
        return items;
      }
    }

    /** Puts an item there as somebody else might. */
    public void plant(Item item) {
      synchronized (GlobalTable.this) {
        put(item.key().writer() + " " + item.key(), item);
      }
    }

    private void put(String key, Object value) {
      stamp++;
      arrive(new Moving(region, key, stamp, value));
      replicas.keySet().stream()
          .filter(other -> !other.equals(region))
          .forEach(other -> moving.add(new Moving(other, key, stamp, value)));
    }

    private void arrive(Moving write) {
      Cell there = cells.get(write.key());
      if (there == null || there.stamp() <= write.stamp()) {
        cells.put(write.key(), new Cell(write.stamp(), write.value()));
        followers.forEach(follower -> follower.came.add(write.value()));
      }
    }

    private void answering() {
      if (away) {
        throw new TransientException("The replica of " + region + " is away", null);
      }
    }

    @Override
    public String name() {
      return "table of " + region;
    }

    @Override
    public void check() {
      answering();
    }

    @Override
    public List<Item> write(List<Item> items) {
      synchronized (GlobalTable.this) {
        answering();
        List<Item> taken = items.subList(0, Math.min(room, items.size()));
        taken.forEach(item -> put(item.key().writer() + " " + item.key(), item));
        written += taken.size();
        return List.copyOf(items.subList(taken.size(), items.size()));
      }
    }

    @Override
    public Page read(String writer, int shard, Optional<String> after) {
      synchronized (GlobalTable.this) {
        answering();
        return new Page(
            items().values().stream()
                .filter(item -> item.key().writer().equals(writer) && item.key().shard() == shard)
                .toList(),
            List.of(),
            Optional.empty());
      }
    }

    @Override
    public List<Lease> leases() {
      synchronized (GlobalTable.this) {
        answering();
        return cells.values().stream()
            .filter(cell -> cell.value() instanceof Lease)
            .map(cell -> (Lease) cell.value())
            .toList();
      }
    }

    @Override
    public boolean write(Lease lease, Optional<Lease> expected) {
      synchronized (GlobalTable.this) {
        answering();
        String key = lease.region() + " lease";
        Optional<Lease> there = Optional.ofNullable(cells.get(key)).map(c -> (Lease) c.value());
        boolean same =
            there.map(Lease::holder).equals(expected.map(Lease::holder))
                && there.map(Lease::generation).equals(expected.map(Lease::generation));
        if (same) {
          put(key, lease);
        }
        return same;
      }
    }

    @Override
    public Feed follow() {
      synchronized (GlobalTable.this) {
        answering();
        Follower follower = new Follower();
        followers.add(follower);
        return follower;
      }
    }

    @Override
    public void close() {}

    private final class Follower implements Feed {
      private final List<Object> came = new ArrayList<>();

      @Override
      public Batch poll() {
        synchronized (GlobalTable.this) {
          answering();
          List<Item> items = new ArrayList<>();
          List<Lease> leases = new ArrayList<>();
          for (Object value : came) {
            switch (value) {
              case Item item -> items.add(item);
              case Lease lease -> leases.add(lease);
              default -> throw new IllegalStateException("Nothing else is written: " + value);
            }
          }
          came.clear();
          return new Batch(items, leases, List.of());
        }
      }
    }
  }
}
