package dev.muster.config.aws;

import dev.muster.config.SecretRef;
import dev.muster.kernel.reconcile.StalledException;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** Secrets Manager: the current version of {@code PREFIX/NAME}. */
final class SecretsManagerStore implements SecretStore {
  private final String prefix;
  private final Supplier<SecretsManagerClient> client;

  /**
   * @param client asked at each reading, so that none is made before
   */
  SecretsManagerStore(String prefix, Supplier<SecretsManagerClient> client) {
    this.prefix = prefix;
    this.client = client;
  }

  @Override
  public String place(SecretRef ref) {
    return "secret " + name(ref) + " of Secrets Manager";
  }

  @Override
  public Optional<String> read(SecretRef ref) {
    try {
      String text =
          client.get().getSecretValue(request -> request.secretId(name(ref))).secretString();
      if (text == null) {
        throw new StalledException(
            "The %s is binary: store it as text".formatted(place(ref)), null);
      }
      return Optional.of(text);
    } catch (ResourceNotFoundException e) {
      return Optional.empty();
    } catch (SdkException e) {
      throw StoreErrors.of(place(ref), "secretsmanager:GetSecretValue", e);
    }
  }

  private String name(SecretRef ref) {
    return prefix + "/" + ref.name();
  }
}
