package io.rowbell.engine.config;

import io.rowbell.spi.InvalidSettingException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes records of their components. */
final class Records {
  private Records() {}

  /**
   * @param refused told if the record's constructor refuses its components
   * @return null if they were refused
   */
  static @Nullable Record construct(
      Class<? extends Record> type,
      @Nullable Object[] components,
      Consumer<InvalidSettingException> refused) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(components);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InvalidSettingException invalid) {
        refused.accept(invalid);
      } else if (e.getCause() instanceof IllegalArgumentException invalid) {
        refused.accept(new InvalidSettingException("", String.valueOf(invalid.getMessage())));
      } else {
        throw new IllegalStateException(type.getName() + " cannot be made", e.getCause());
      }
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be made", e);
    }
  }
}
