package dev.muster.fleet.runner;

import dev.muster.agent.protocol.EnrollRequest;
import dev.muster.fleet.compute.IdentityVerifier;
import dev.muster.kernel.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Judges who wants to enrol: by the launch's secret, by our own clock and never the machine's, and
 * by what the provider signed about the machine where it signs anything.
 */
public final class Admissions {
  /** How long after its launch a machine may enrol (ARCHITECTURE: an instance). */
  static final Duration WINDOW = Duration.ofMinutes(15);

  private final Database database;
  private final InstantSource clock;
  private final LaunchSecrets secrets;
  private final IdentityVerifiers verifiers;
  private final boolean identityRequired;

  /**
   * Reads nothing yet.
   *
   * @param identityRequired whether a machine is refused whose identity cannot be checked, though
   *     its provider signs documents
   */
  public Admissions(
      Database database,
      InstantSource clock,
      LaunchSecrets secrets,
      IdentityVerifiers verifiers,
      boolean identityRequired) {
    this.database = database;
    this.clock = clock;
    this.secrets = secrets;
    this.verifiers = verifiers;
    this.identityRequired = identityRequired;
  }

  /** Judges a wish; what it is granted is up to its runner. */
  Admission judge(EnrollRequest wish) {
    Optional<LaunchId> named = LaunchId.read(wish.launch());
    if (named.isEmpty()) {
      return new Admission.Refused("it names no launch");
    }
    LaunchId id = named.get();
    if (!secrets.holds(id, wish.secret().value())) {
      return new Admission.Refused("the secret of " + id + " is wrong");
    }
    Optional<Launch> launch = database.read(read -> LaunchStore.find(read, id));
    if (launch.isEmpty()) {
      return new Admission.Refused(id + " is not known");
    }
    if (launch.get().state() == Launch.State.PLANNED) {
      return new Admission.NotYet();
    }
    // A cloud that was down answers long after the launch was planned, and its machines are new.
    Instant made = launch.get().answeredAt().orElse(launch.get().createdAt());
    return clock.instant().isAfter(made.plus(WINDOW))
        ? new Admission.Refused("the secret of " + id + " has expired")
        : identified(launch.get(), wish);
  }

  private Admission identified(Launch launch, EnrollRequest wish) {
    Optional<IdentityVerifier> verifier = verifiers.of(launch.provider());
    if (verifier.isEmpty()) {
      return new Admission.Admitted(launch, Optional.empty());
    }
    IdentityVerifier.Claim claim =
        new IdentityVerifier.Claim(wish.instance(), launch.id().value(), launch.region());
    return switch (verifier.get().verify(claim, Optional.ofNullable(wish.identity()))) {
      case IdentityVerifier.Verdict.Proven() ->
          new Admission.Admitted(launch, Optional.of("proven by the provider's signature"));
      case IdentityVerifier.Verdict.Refuted(String reason) ->
          new Admission.Refused(wish.instance() + " of " + launch.id() + ": " + reason);
      case IdentityVerifier.Verdict.Undecided(String reason) ->
          identityRequired
              ? new Admission.Refused(
                  "%s of %s: %s (require_identity is set)"
                      .formatted(wish.instance(), launch.id(), reason))
              : new Admission.Admitted(launch, Optional.of("not proven: " + reason));
    };
  }
}
