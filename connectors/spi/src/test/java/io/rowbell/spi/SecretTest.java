package io.rowbell.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SecretTest {
  @Test
  void isNeverPrinted() {
    assertThat(new Secret("canary")).hasToString("****");
  }

  @Test
  void isReadAgainWhenItIsAskedTo() {
    AtomicReference<Optional<String>> kept = new AtomicReference<>(Optional.of("new"));
    Secret secret = new Secret("old", kept::get);

    assertThat(secret.reveal()).isEqualTo("old");
    assertThat(secret.renew()).isEqualTo("new");
    assertThat(secret.reveal()).isEqualTo("new");

    kept.set(Optional.empty());
    assertThat(secret.renew()).isEqualTo("new");
  }

  @Test
  void thatIsKeptNowhereStaysTheSame() {
    assertThat(new Secret("only").renew()).isEqualTo("only");
  }
}
