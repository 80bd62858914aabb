package dev.muster.config.aws;

import dev.muster.config.SecretRef;
import dev.muster.config.Secrets;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.reconcile.StalledException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Secrets of the machine, then of SSM Parameter Store, then of Secrets Manager. Values of AWS are
 * kept in memory for five minutes; so long an old one may be served after it was replaced.
 */
public final class AwsSecrets implements Secrets, AutoCloseable {
  /**
   * What is opened once a secret is looked for at AWS; before that, nothing of the SDK is loaded.
   */
  record Stores(List<SecretStore> inOrder, Runnable closing) {
    Stores {
      inOrder = List.copyOf(inOrder);
    }
  }

  private final Secrets machine;
  private final Supplier<Stores> opening;
  private final InstantSource clock;
  private @Nullable Stores opened;
  private final Map<SecretRef, CachedSecret> cached = new ConcurrentHashMap<>();

  AwsSecrets(Secrets machine, Supplier<Stores> opening, InstantSource clock) {
    this.machine = machine;
    this.opening = opening;
    this.clock = clock;
  }

  /**
   * Opens nothing before a secret is not found in {@code machine}.
   *
   * @param access asked when it is not
   * @param prefix secrets are SSM's {@code /PREFIX/NAME} and Secrets Manager's {@code PREFIX/NAME}
   * @param region empty for the one that the SDK finds
   */
  public static AwsSecrets after(
      AwsAccess access,
      Secrets machine,
      String prefix,
      Optional<String> region,
      InstantSource clock) {
    return new AwsSecrets(machine, () -> SecretClients.stores(access, prefix, region), clock);
  }

  @Override
  public Optional<Found> find(SecretRef ref) {
    return machine.find(ref).or(() -> cached.computeIfAbsent(ref, this::cache).get());
  }

  private CachedSecret cache(SecretRef ref) {
    return new CachedSecret(ref.name(), () -> ask(ref), clock);
  }

  /**
   * The first store that has it. One that refuses does not hide the next, for which alone the role
   * may be meant; one that cannot answer does, or the order would depend on the weather.
   */
  private Optional<Found> ask(SecretRef ref) {
    Optional<StalledException> refusal = Optional.empty();
    for (SecretStore store : stores().inOrder()) {
      try {
        Optional<Found> found =
            store
                .read(ref)
                .map(String::stripTrailing)
                .filter(value -> !value.isEmpty())
                .map(value -> new Found(value, store.place(ref)));
        if (found.isPresent()) {
          return found;
        }
      } catch (StalledException e) {
        refusal = refusal.or(() -> Optional.of(e));
      }
    }
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    return Optional.empty();
  }

  private synchronized Stores stores() {
    Stores stores = opened == null ? opening.get() : opened;
    opened = stores;
    return stores;
  }

  @Override
  public synchronized void close() {
    if (opened != null) {
      opened.closing().run();
    }
  }
}
