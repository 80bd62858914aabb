package dev.muster.config.aws;

import dev.muster.kernel.reconcile.StalledException;
import dev.muster.kernel.reconcile.TransientException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What the errors of AWS's stores mean for whoever wants a secret. */
final class StoreErrors {
  private static final Set<String> DENIED =
      Set.of("AccessDeniedException", "AccessDenied", "DecryptionFailure", "InvalidKeyId");

  private StoreErrors() {}

  /**
   * In the reconcilers' terms.
   *
   * @param place what could not be read
   * @param permission what reading it takes
   */
  static RuntimeException of(String place, String permission, SdkException e) {
    String what = "Cannot read the " + place + ": ";
    if (e instanceof AwsServiceException service && service.awsErrorDetails() != null) {
      String code = service.awsErrorDetails().errorCode();
      String said = what + code + ": " + service.awsErrorDetails().errorMessage();
      if (DENIED.contains(code)) {
        return new StalledException(
            said
                + "; allow "
                + permission
                + " on it to the appliance's role, and kms:Decrypt where a key of your own"
                + " encrypts it",
            e);
      }
      boolean ours = service.statusCode() >= 400 && service.statusCode() < 500;
      return ours && !service.isThrottlingException()
          ? new StalledException(said, e)
          : new TransientException(said, e);
    }
    return new TransientException(
        what
            + e.getMessage()
            + "; the appliance needs a region, credentials as the AWS SDK finds them, and a way to"
            + " AWS",
        e);
  }
}
