package dev.muster.config.aws;

import dev.muster.config.SecretRef;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.ParameterNotFoundException;

/** SSM Parameter Store: {@code /PREFIX/NAME}, decrypted. */
final class ParameterStore implements SecretStore {
  private final String prefix;
  private final Supplier<SsmClient> client;

  /**
   * @param client asked at each reading, so that none is made before
   */
  ParameterStore(String prefix, Supplier<SsmClient> client) {
    this.prefix = prefix;
    this.client = client;
  }

  @Override
  public String place(SecretRef ref) {
    return "SSM parameter " + name(ref);
  }

  @Override
  public Optional<String> read(SecretRef ref) {
    try {
      return Optional.of(
          client
              .get()
              .getParameter(request -> request.name(name(ref)).withDecryption(true))
              .parameter()
              .value());
    } catch (ParameterNotFoundException e) {
      return Optional.empty();
    } catch (SdkException e) {
      throw StoreErrors.of(place(ref), "ssm:GetParameter", e);
    }
  }

  private String name(SecretRef ref) {
    return "/" + prefix + "/" + ref.name();
  }
}
