package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.compute.Machine;
import dev.muster.fleet.compute.Offer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.InstanceLifecycleType;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * The machines that there are: listed and acted on per batch, in whichever account they are. Where
 * one was seen last is remembered, so that what is urgent is asked for at once.
 */
final class Ec2Instances {
  private static final Logger log = System.getLogger(Ec2Instances.class.getName());

  /** Instances that are named in one call: EC2 takes no more values of a filter. */
  private static final int BATCH = 200;

  private static final List<String> ALIVE = List.of("pending", "running", "stopping", "stopped");

  /** A machine as it was seen: in which account, and what it was bought as. */
  private record Seen(String role, Machine machine) {}

  private final Ec2Accounts accounts;
  private final Ec2Records records;
  private final Map<String, Map<String, Seen>> seen = new ConcurrentHashMap<>();

  Ec2Instances(Ec2Accounts accounts, Ec2Records records) {
    this.accounts = accounts;
    this.records = records;
  }

  /** Every machine of this appliance in a region, but for accounts that cannot be entered. */
  Listing list(String region) {
    Map<String, Instance> all = new LinkedHashMap<>(); // two roles may be of one account
    Map<String, Seen> now = new ConcurrentHashMap<>();
    Set<String> roles = accounts.roles(region);
    Map<String, SdkException> shut =
        inEach(
            roles,
            role -> {
              for (Found found : describe(accounts.client(region, role))) {
                all.putIfAbsent(found.instance().id(), found.instance());
                now.putIfAbsent(found.instance().id(), new Seen(role, found.machine()));
              }
            });
    if (!shut.isEmpty() && shut.size() == roles.size()) {
      throw Ec2Errors.of("list machines", region, shut.values().iterator().next());
    }
    // Where a machine was seen last is true of what cannot be seen now.
    seen.getOrDefault(region, Map.of()).entrySet().stream()
        .filter(last -> shut.containsKey(last.getValue().role()))
        .forEach(last -> now.putIfAbsent(last.getKey(), last.getValue()));
    seen.put(region, now);
    return new Listing(List.copyOf(all.values()), hidden(region, shut));
  }

  private List<Listing.Hidden> hidden(String region, Map<String, SdkException> shut) {
    if (shut.isEmpty()) {
      return List.of();
    }
    Map<String, Set<String>> living = accounts.living(region);
    List<Listing.Hidden> hidden = new ArrayList<>();
    shut.forEach((role, failure) -> {
      String why =
          String.valueOf(
              Ec2Errors.of(
                      role.isEmpty() ? "list machines" : "list machines as " + role,
                      region,
                      failure)
                  .getMessage());
      if (living.containsKey(role)) {
        hidden.add(new Listing.Hidden(living.get(role), why));
      } else {
        // As that of an environment that is being set up.
        log.log(Level.WARNING, "An account where no machine lives cannot be entered: {0}", why);
      }
    });
    return hidden;
  }

  /**
   * Does something in each account: one that fails keeps nothing from the others.
   *
   * @return those that failed
   */
  private static Map<String, SdkException> inEach(Set<String> roles, Consumer<String> action) {
    Map<String, SdkException> failed = new LinkedHashMap<>();
    for (String role : roles) {
      try {
        action.accept(role);
      } catch (SdkException e) {
        failed.put(role, e);
      }
    }
    return failed;
  }

  /** What a launch made, as far as EC2 lists it. */
  List<Machine> of(Ec2Client client, String launch) {
    return describe(client, filter("tag:" + MusterTags.LAUNCH, List.of(launch))).stream()
        .map(Found::machine)
        .toList();
  }

  /** These were made just now, and are not listed yet. */
  void made(String region, String role, List<Machine> machines) {
    Map<String, Seen> there = seen.computeIfAbsent(region, key -> new ConcurrentHashMap<>());
    machines.forEach(machine -> there.put(machine.id(), new Seen(role, machine)));
  }

  /** What a machine was bought as; empty for one that is not ours or was never seen. */
  Optional<Offer> offer(String region, String instance) {
    return Optional.ofNullable(seen.getOrDefault(region, Map.of()).get(instance))
        .flatMap(found -> found.machine().offer());
  }

  /** A call for some machines of one account; all of them are there. */
  interface Call {
    void make(Ec2Client client, List<String> ids);
  }

  /**
   * Calls for those of {@code instances} that are there and ours. Those that were seen are asked
   * for at once; one id that is gone makes EC2 refuse the whole call, and then it is looked which
   * are there.
   */
  void each(String operation, String region, Collection<String> instances, Call call) {
    Map<String, List<String>> byRole = new LinkedHashMap<>();
    List<String> unseen = new ArrayList<>();
    Map<String, Seen> known = seen.getOrDefault(region, Map.of());
    instances.stream()
        .filter(id -> id.matches("i-[0-9a-f]{8,32}"))
        .distinct()
        .forEach(id -> {
          Seen last = known.get(id);
          (last == null ? unseen : byRole.computeIfAbsent(last.role(), r -> new ArrayList<>()))
              .add(id);
        });
    Map<String, SdkException> failed =
        inEach(
            byRole.keySet(),
            role ->
                batches(byRole.getOrDefault(role, List.of()))
                    .forEach(some -> atOnce(region, role, some, call)));
    if (!unseen.isEmpty()) {
      Set<String> roles = accounts.roles(region);
      Map<String, SdkException> shut =
          inEach(
              roles,
              role ->
                  batches(unseen)
                      .forEach(some -> careful(accounts.client(region, role), some, call)));
      if (shut.size() < roles.size()) {
        shut.keySet().retainAll(accounts.living(region).keySet()); // they are in none of the others
      }
      failed.putAll(shut);
    }
    if (!failed.isEmpty()) {
      throw Ec2Errors.of(operation, region, failed.values().iterator().next());
    }
  }

  private void atOnce(String region, String role, List<String> ids, Call call) {
    Ec2Client client = accounts.client(region, role);
    try {
      call.make(client, ids);
    } catch (Ec2Exception e) {
      if (!Ec2Errors.notFound(e)) {
        throw e;
      }
      careful(client, ids, call);
    }
  }

  private void careful(Ec2Client client, List<String> ids, Call call) {
    List<String> there =
        describe(client, filter("instance-id", ids)).stream().map(f -> f.instance().id()).toList();
    if (there.isEmpty()) {
      return;
    }
    try {
      call.make(client, there);
    } catch (Ec2Exception e) {
      if (!Ec2Errors.notFound(e)) {
        throw e;
      }
      // One of them went meanwhile; whoever asked looks again, and asks for the rest.
    }
  }

  private static List<List<String>> batches(List<String> ids) {
    List<List<String>> batches = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += BATCH) {
      batches.add(ids.subList(from, Math.min(ids.size(), from + BATCH)));
    }
    return batches;
  }

  private record Found(Instance instance, Machine machine) {}

  private List<Found> describe(Ec2Client client, Filter... further) {
    List<Filter> filters = new ArrayList<>(List.of(further));
    filters.add(filter("tag:" + MusterTags.APPLIANCE, List.of(records.appliance())));
    filters.add(filter("instance-state-name", ALIVE));
    DescribeInstancesRequest request =
        DescribeInstancesRequest.builder().filters(filters).maxResults(1000).build();
    List<Found> found = new ArrayList<>();
    client.describeInstancesPaginator(request).reservations().stream()
        .flatMap(reservation -> reservation.instances().stream())
        .forEach(instance -> found.add(found(instance)));
    return found;
  }

  private static Found found(software.amazon.awssdk.services.ec2.model.Instance instance) {
    Optional<Offer> offer =
        instance.placement() == null
            ? Optional.empty()
            : Optional.of(
                new Offer(
                    instance.instanceTypeAsString(),
                    instance.placement().availabilityZone(),
                    instance.instanceLifecycle() == InstanceLifecycleType.SPOT));
    return new Found(
        new Instance(
            instance.instanceId(),
            state(instance.state().name()),
            instance.tags().stream()
                .filter(tag -> tag.key().equals(MusterTags.LAUNCH))
                .map(Tag::value)
                .findFirst(),
            instance.launchTime()),
        new Machine(instance.instanceId(), offer));
  }

  private static Instance.State state(InstanceStateName name) {
    return switch (name) {
      case PENDING -> Instance.State.PENDING;
      case STOPPING -> Instance.State.STOPPING;
      case STOPPED -> Instance.State.STOPPED;
      default -> Instance.State.RUNNING;
    };
  }

  private static Filter filter(String name, List<String> values) {
    return Filter.builder().name(name).values(values).build();
  }
}
