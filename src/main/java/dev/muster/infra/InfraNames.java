package dev.muster.infra;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.fleet.spec.FleetSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How things are called, and where they are. */
public final class InfraNames {
  /** The partition and sort keys of the state table; both are strings. */
  public static final String PARTITION_KEY = "pk";

  public static final String SORT_KEY = "sk";

  /** Items end at the time in this attribute, in seconds since 1970. */
  public static final String EXPIRY = "expires_at";

  /** Where GitHub's deliveries arrive at the API that stands before a queue. */
  public static final String WEBHOOK_ROUTE = "POST /webhooks/github";

  /** What GitHub sends along; a message's attributes must not be empty, so nothing optional is. */
  public static final List<String> WEBHOOK_HEADERS =
      List.of("X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256");

  /** The events of EC2 that come through the queue of interruptions. */
  public static final List<String> INTERRUPTION_EVENTS =
      List.of("EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation");

  /** The bound of AWS Budgets. */
  private static final int MOST_NOTIFICATIONS = 10;

  private InfraNames() {}

  /** The table that appliances of several regions share; empty where nothing is shared. */
  public static Optional<String> stateTable(EnvironmentSpec environment) {
    return environment.tables().map(prefix -> prefix + "-state");
  }

  /** The bucket of a region. Names of buckets are global: the home region has the plain one. */
  public static Optional<String> bucket(EnvironmentSpec environment, String home, String region) {
    return environment.bucket().map(name -> region.equals(home) ? name : name + "-" + region);
  }

  /** The queue through which GitHub's deliveries come in without an inbound port. */
  public static String deliveries(String region) {
    return "muster-" + region + "-deliveries";
  }

  /** The queue of spot interruption warnings. */
  public static String interruptions(String region) {
    return "muster-" + region + "-interruptions";
  }

  /** Where what could not be taken from a queue ends. */
  public static String dead(String queue) {
    return queue + "-dead";
  }

  /** The AWS Budget of an environment. */
  public static String budget(EnvironmentSpec environment) {
    return "muster-" + environment.name();
  }

  /** At which percentages of a budget AWS tells of it. */
  public static SortedSet<Integer> notifiedAt(Budget budget) {
    return Stream.concat(budget.alertAtPercent().stream(), budget.holdAtPercent().stream().boxed())
        .sorted()
        .distinct()
        .limit(MOST_NOTIFICATIONS)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** An environment's regions in their order: those that it names, and those of its pools. */
  public static List<String> regions(FleetSpec fleet, EnvironmentSpec environment) {
    Set<String> regions = new TreeSet<>(environment.regions().keySet());
    fleet.pools().stream()
        .filter(pool -> pool.environment().equals(environment.name()))
        .map(pool -> pool.region())
        .forEach(regions::add);
    return regions.stream().filter(InfraNames::ofAws).toList();
  }

  /** Every region that any environment has. */
  public static List<String> regions(FleetSpec fleet) {
    Set<String> regions = new TreeSet<>();
    fleet.environments().values().forEach(e -> regions.addAll(regions(fleet, e)));
    return List.copyOf(regions);
  }

  /** A machine's own region, as {@code local}, needs nothing of AWS. */
  private static boolean ofAws(String region) {
    return region.matches("[a-z]{2}(-[a-z]+)+-\\d");
  }

  /**
   * Where an environment has what exists once: its table is made from there, its roles and its
   * budget are there. The default region where the environment has that, else its first.
   */
  public static String home(FleetSpec fleet, EnvironmentSpec environment) {
    List<String> regions = regions(fleet, environment);
    String preferred = fleet.defaults().region();
    return regions.contains(preferred) ? preferred : regions.getFirst();
  }
}
