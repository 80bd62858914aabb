package dev.muster.kernel.replication;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This region's lease in the table of one environment, and what is known of the others'. Silence is
 * measured from when a beat was last seen to rise, by this region's own clock: clocks of regions
 * are never compared.
 */
public final class RegionLease {
  private static final Logger log = System.getLogger(RegionLease.class.getName());

  /** Beats a rule's time: two may be lost before a silence is doubted. */
  private static final int BEATS = 9;

  /** Without a rule nobody waits for the beats; they are for people. */
  static final Duration STANDARD = Duration.ofSeconds(90);

  /** A time so far ahead is no beat of now but a wrong clock's. */
  private static final Duration WRONG_CLOCK = Duration.ofMinutes(10);

  private static final Duration LOOK = Duration.ofSeconds(1);

  /**
   * A lease that nobody renewed for so long is of a region that is no more. It stays in the table,
   * so that one that comes back goes on from its generation.
   */
  static final Duration FORGOTTEN = Duration.ofDays(7);

  /** Two programs have one region. */
  public static final class TakenRegionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TakenRegionException(String message) {
      super(message);
    }
  }

  /**
   * What a beat says beside the region's name.
   *
   * @param holder the home whose appliance this is
   */
  public record Self(String region, String holder, String address, String version) {}

  /** What changes from beat to beat. */
  public record News(Optional<String> revision, Optional<String> auditHead) {
    static final News NONE = new News(Optional.empty(), Optional.empty());
  }

  private final Self self;
  private final SharedTable table;
  private final InstantSource clock;
  private final Predicate<String> healthy;
  private final Supplier<News> news;
  private Map<String, Succession.Rule> rules;
  private final Map<String, Succession.Heard> others = new TreeMap<>();
  private final Map<String, Lease.Taken> taken = new TreeMap<>();

  /** What {@link #tick} has to say, until somebody has kept it. */
  private final Map<String, Takeover> untold = new TreeMap<>();

  /** Likewise: those that are back. */
  private final Set<String> returned = new HashSet<>();

  private Map<String, Lease.Choice> choices = Map.of();
  private @Nullable Lease own;
  private Instant wroteAt = Instant.EPOCH;
  private Instant probedAt = Instant.EPOCH;
  private @Nullable String lost;
  private Optional<Instant> awaySince = Optional.empty();

  /**
   * Makes one that is not held yet.
   *
   * @param healthy asks the health endpoint at an appliance's address
   * @param taken the regions that this one stood in for when it stopped
   */
  public RegionLease(
      Self self,
      SharedTable table,
      InstantSource clock,
      Map<String, Succession.Rule> rules,
      Predicate<String> healthy,
      Supplier<News> news,
      Map<String, Lease.Taken> taken) {
    this.self = self;
    this.table = table;
    this.clock = clock;
    this.rules = Map.copyOf(rules);
    this.healthy = healthy;
    this.news = news;
    this.taken.putAll(taken);
  }

  public String region() {
    return self.region();
  }

  /** A new config has other rules. */
  public synchronized void rules(Map<String, Succession.Rule> changed) {
    rules = Map.copyOf(changed);
  }

  /** The generation under which this region writes; empty while it does not hold its lease. */
  public synchronized OptionalLong generation() {
    Lease held = own;
    return held == null || lost != null ? OptionalLong.empty() : OptionalLong.of(held.generation());
  }

  /** Why it no longer holds its lease. */
  public synchronized Optional<String> lost() {
    return Optional.ofNullable(lost);
  }

  /**
   * Takes the region under a new generation.
   *
   * @throws TakenRegionException when another appliance has it and is alive
   */
  public void claim() {
    List<Lease> leases = table.leases();
    Optional<Lease> before =
        leases.stream().filter(lease -> lease.region().equals(self.region())).findFirst();
    Optional<Lease> rival =
        before.filter(
            lease -> !lease.holder().equals(self.holder()) && !lease.holder().equals(Lease.NOBODY));
    if (rival.isPresent() && alive(rival.get())) {
      throw new TakenRegionException(taken(rival.get()));
    }
    Lease claimed;
    synchronized (this) {
      claimed = next(before.map(Lease::generation).orElse(0L) + 1, 1);
    }
    if (!table.write(claimed, before)) {
      throw new TakenRegionException(
          "Region %s in %s was taken by another appliance at this moment; see which one it is, and stop it or name another region"
              .formatted(self.region(), table.name()));
    }
    synchronized (this) {
      own = claimed;
      awaySince = before.map(Lease::at);
      lost = null;
      wroteAt = clock.instant();
    }
    leases.forEach(this::heard);
    log.log(
        Level.INFO,
        "Region {0} is held in {1} under generation {2}",
        self.region(),
        table.name(),
        claimed.generation());
  }

  /** When this region was there before it was claimed, by whom ever; empty where it never was. */
  public synchronized Optional<Instant> awaySince() {
    return awaySince;
  }

  /**
   * Its clock may be wrong, so an old time alone proves nothing, and neither does a fresh one. One
   * with a new disk has the address of the one before, and it is itself that would answer there.
   */
  private boolean alive(Lease rival) {
    Duration age = Duration.between(rival.at(), clock.instant());
    return (!rival.address().equals(self.address()) && healthy.test(rival.address()))
        || (age.compareTo(STANDARD) < 0 && age.compareTo(WRONG_CLOCK.negated()) > 0);
  }

  private String taken(Lease rival) {
    return "Region %s in %s belongs to the appliance at %s (its last beat was at %s); stop that one, or name another region in muster.properties. One that was stopped in good order is forgotten at once, one that is gone %d s after its last beat"
        .formatted(self.region(), table.name(), rival.address(), rival.at(), STANDARD.toSeconds());
  }

  private Lease next(long generation, long beat) {
    News said = news.get();
    return new Lease(
        self.region(),
        self.holder(),
        self.address(),
        generation,
        beat,
        clock.instant(),
        self.version(),
        said.revision(),
        said.auditHead(),
        choices,
        taken);
  }

  /**
   * Another region's lease, as the table has it; older ones and this region's own change nothing.
   */
  public synchronized void heard(Lease lease) {
    if (lease.region().equals(self.region())) {
      Lease held = own;
      if (held != null && lost == null && lease.generation() > held.generation()) {
        lose(lease.holder(), lease.address());
      }
      return;
    }
    Succession.Heard before = others.get(lease.region());
    if (before != null && !newer(lease, before.lease())) {
      return;
    }
    Instant now = clock.instant();
    // At first it is not known how old its beat is, but by its own clock.
    Instant heardAt = before == null && forgotten(lease.at(), now) ? lease.at() : now;
    others.put(lease.region(), new Succession.Heard(lease, heardAt, Optional.empty()));
    Lease.Taken standing = taken.get(lease.region());
    if (standing != null && (before != null || lease.generation() > standing.generation())) {
      log.log(Level.INFO, "Region {0} is back", lease.region());
      taken.remove(lease.region());
      untold.remove(lease.region());
      returned.add(lease.region());
    }
  }

  private static boolean forgotten(Instant heardAt, Instant now) {
    return Duration.between(heardAt, now).compareTo(FORGOTTEN) > 0;
  }

  private static boolean newer(Lease lease, Lease than) {
    return lease.generation() != than.generation()
        ? lease.generation() > than.generation()
        : lease.beat() > than.beat();
  }

  private void lose(String holder, String address) {
    lost =
        "Region %s in %s was taken by the appliance at %s (home %s); this one writes nothing there any more. Stop one of the two"
            .formatted(self.region(), table.name(), address, holder);
    log.log(Level.ERROR, lost);
  }

  /**
   * What came of a look.
   *
   * @param taken the regions to stand in for from now on
   * @param returned those that are back
   */
  public record Look(Map<String, Takeover> taken, Set<String> returned) {
    static final Look NOTHING = new Look(Map.of(), Set.of());
  }

  /**
   * That a region is to be stood in for.
   *
   * @param silence since its last beat, as it was seen here
   */
  public record Takeover(Lease.Taken taken, Duration silence, Lease last) {}

  /**
   * Does what is due: a beat, a question to those that are doubted, a takeover.
   *
   * @param keep keeps what came of it, where something did; what it fails to keep is given again
   */
  public Look tick(Consumer<Look> keep) {
    boolean asked = probeDue();
    if (asked) {
      judge().doubted().forEach(this::probe);
    }
    Succession.Judgement judgement = judge();
    if (!asked && !judgement.take().isEmpty()) {
      // What was answered a while ago is not enough: it may have returned since, unheard.
      judgement.take().forEach(this::probe);
      judgement = judge();
    }
    boolean changed;
    synchronized (this) {
      for (String region : judgement.take()) {
        Succession.Heard heard = others.get(region);
        if (heard != null && !taken.containsKey(region)) {
          Instant now = clock.instant();
          Lease.Taken one = new Lease.Taken(heard.lease().generation(), now);
          taken.put(region, one);
          untold.put(
              region, new Takeover(one, Duration.between(heard.heardAt(), now), heard.lease()));
        }
      }
      changed = !judgement.choices().equals(choices) || !untold.isEmpty();
      choices = judgement.choices();
    }
    if (changed || !clock.instant().isBefore(beatDue())) {
      beat();
    }
    return tell(keep);
  }

  /** Who has lost the region says nothing more of others. */
  private Look tell(Consumer<Look> keep) {
    Look look;
    synchronized (this) {
      look = lost == null ? new Look(Map.copyOf(untold), Set.copyOf(returned)) : Look.NOTHING;
    }
    if (!look.equals(Look.NOTHING)) {
      keep.accept(look);
    }
    synchronized (this) {
      untold.entrySet().removeAll(look.taken().entrySet());
      returned.removeAll(look.returned());
    }
    return look;
  }

  private synchronized boolean probeDue() {
    Instant now = clock.instant();
    boolean due = !now.isBefore(probedAt.plus(interval()));
    if (due) {
      probedAt = now;
    }
    return due;
  }

  private void probe(String region) {
    Optional<Succession.Heard> before;
    synchronized (this) {
      before = Optional.ofNullable(others.get(region));
    }
    before.ifPresent(heard -> {
      boolean answers = healthy.test(heard.lease().address());
      synchronized (this) {
        // It may have been heard meanwhile.
        others.computeIfPresent(
            region,
            (name, now) ->
                now.lease().equals(heard.lease())
                    ? new Succession.Heard(now.lease(), now.heardAt(), Optional.of(answers))
                    : now);
      }
    });
  }

  private synchronized Succession.Judgement judge() {
    Instant now = clock.instant();
    return Succession.judge(self.region(), others(), rules, STANDARD, wroteLately(now), now);
  }

  private boolean wroteLately(Instant now) {
    return lost == null && Duration.between(wroteAt, now).compareTo(interval().multipliedBy(3)) < 0;
  }

  /** Says that this region is there. */
  public void beat() {
    Lease before;
    Lease after;
    synchronized (this) {
      Lease held = own;
      if (held == null || lost != null) {
        return;
      }
      before = held;
      after = next(held.generation(), held.beat() + 1);
    }
    boolean written = table.write(after, Optional.of(before));
    synchronized (this) {
      if (written) {
        own = after;
        wroteAt = clock.instant();
      } else {
        lose("unknown", "another address");
      }
    }
  }

  /** Says that this region is nobody's, so that another appliance may have it at once. */
  public void release() {
    Lease before;
    synchronized (this) {
      if (own == null || lost != null) {
        return;
      }
      before = own;
      own = null;
    }
    table.write(before.released(), Optional.of(before));
  }

  /** How often it beats: the most impatient rule decides. */
  synchronized Duration interval() {
    Duration after =
        rules.values().stream()
            .map(Succession.Rule::after)
            .min(Duration::compareTo)
            .orElse(STANDARD);
    return after.dividedBy(BEATS);
  }

  private synchronized Instant beatDue() {
    return wroteAt.plus(interval());
  }

  /** When {@link #tick} has something to do again. */
  public synchronized Instant due() {
    Instant now = clock.instant();
    Instant look = judge().doubted().isEmpty() ? Instant.MAX : now.plus(LOOK);
    Instant beat = beatDue();
    return beat.isBefore(look) ? beat : look;
  }

  /** The other regions, but for those that are no more. */
  public synchronized Map<String, Succession.Heard> others() {
    Map<String, Succession.Heard> living = new HashMap<>(others);
    living.values().removeIf(heard -> forgotten(heard.heardAt(), clock.instant()));
    return Map.copyOf(living);
  }

  /** The regions that this one stands in for. */
  public synchronized Map<String, Lease.Taken> taken() {
    return Map.copyOf(taken);
  }

  /** This region's own, as it was last written. */
  public synchronized Optional<Lease> own() {
    return Optional.ofNullable(own);
  }

  /** Whether a region is there, or was until a moment ago. */
  public synchronized boolean known(String region) {
    return region.equals(self.region()) || others().containsKey(region);
  }

  /** Whether a region's beats come, so far as is known here. */
  public synchronized boolean beats(String region) {
    return region.equals(self.region()) || (known(region) && !judge().doubted().contains(region));
  }
}
