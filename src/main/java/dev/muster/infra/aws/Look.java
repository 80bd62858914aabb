package dev.muster.infra.aws;

import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What is found of one thing: each difference and each missing permission by itself. */
final class Look {
  private static final Set<String> ABSENT =
      Set.of(
          "NotFoundException",
          "ResourceNotFoundException",
          "TableNotFoundException",
          "QueueDoesNotExist",
          "AWS.SimpleQueueService.NonExistentQueue",
          "NoSuchBucket",
          "NoSuchBucketPolicy",
          "NoSuchLifecycleConfiguration",
          "NoSuchPublicAccessBlockConfiguration",
          "NoSuchReplicationConfiguration",
          "ReplicationConfigurationNotFoundError",
          "ServerSideEncryptionConfigurationNotFoundError",
          "404");
  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "AccessDeniedException",
          "AuthorizationError",
          "UnauthorizedOperation",
          "403");

  private final String thing;
  private final String template;
  private final List<Finding> findings = new ArrayList<>();
  private boolean denied;

  /**
   * Looks at a thing.
   *
   * @param thing as {@code table muster-prod-state in eu-west-1}
   * @param template whose stack makes it
   */
  Look(String thing, String template) {
    this.thing = thing;
    this.template = template;
  }

  /** Empty where it is not there, or may not be looked at, which is then a finding. */
  <T> Optional<T> ask(String action, Supplier<T> call) {
    try {
      return Optional.ofNullable(call.get());
    } catch (AwsServiceException e) {
      String code = code(e);
      if (ABSENT.contains(code)) {
        return Optional.empty();
      }
      if (DENIED.contains(code)) {
        denied(action);
        return Optional.empty();
      }
      findings.add(
          Finding.ill(thing, action + " failed: " + code, "see AWS's own status, and try again"));
      denied = true;
      return Optional.empty();
    } catch (SdkClientException e) {
      throw new Unreachable("AWS cannot be asked about " + thing + ": " + e.getMessage(), e);
    }
  }

  /** What there is, or {@code absent} where nothing is; empty where it may not be looked at. */
  <T> Optional<T> ask(String action, T absent, Supplier<T> call) {
    int before = findings.size();
    Optional<T> there = ask(action, call);
    return there.isPresent() || findings.size() > before ? there : Optional.of(absent);
  }

  /** Tries whether something is allowed, by a call that AWS refuses for another reason. */
  void mayDo(String action, Set<String> refusals, Runnable call) {
    try {
      call.run();
    } catch (AwsServiceException e) {
      if (DENIED.contains(code(e))) {
        denied(action);
      } else if (!refusals.contains(code(e))) {
        findings.add(
            Finding.warning(thing, action + " could not be tried: " + code(e), "try again"));
      }
    } catch (SdkClientException e) {
      throw new Unreachable("AWS cannot be asked about " + thing + ": " + e.getMessage(), e);
    }
  }

  static String code(AwsServiceException e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
        ? Integer.toString(e.statusCode())
        : e.awsErrorDetails().errorCode();
  }

  private void denied(String action) {
    denied = true;
    findings.add(
        Finding.ill(
            thing, action + " is not allowed", "allow it, as the policy in template " + template));
  }

  /** It is not there at all; not where it could not be seen. */
  void absent() {
    if (!denied) {
      findings.add(
          Finding.ill(
              thing,
              "it is not there",
              "make the stack: muster infra template writes " + template));
    }
  }

  /** It is not there, and needed by some alone. */
  void absentWhereWanted(String who) {
    if (!denied) {
      findings.add(
          Finding.warning(
              thing, "it is not there", who + ": muster infra template writes " + template));
    }
  }

  /** Compares what is there with what is needed. */
  void same(String what, Object needed, Object there) {
    if (!Objects.equals(needed, there)) {
      findings.add(
          Finding.ill(
              thing,
              "%s is %s, needed is %s".formatted(what, there, needed),
              "update the stack of template " + template));
    }
  }

  /** Compares what must be among what is there. */
  void all(String what, Collection<String> needed, Collection<String> there) {
    List<String> missing = needed.stream().filter(one -> !there.contains(one)).toList();
    if (!missing.isEmpty()) {
      findings.add(
          Finding.ill(
              thing,
              "%s lacks %s".formatted(what, String.join(" and ", missing)),
              "update the stack of template " + template));
    }
  }

  /** What was found; that all is well where nothing is wrong. */
  List<Finding> findings() {
    return findings.isEmpty() ? List.of(Finding.well(thing, "as needed")) : List.copyOf(findings);
  }
}
