import type { components } from '../../api/schema';

type Schemas = components['schemas'];

/** First settings as the form holds them: all text, empty where nothing is asked. */
export interface FirstSettings {
  user: string;
  password: string;
  ssh_keys: string;
  /** Keys of one's library, as lines. */
  keys: string[];
  hostname: string;
  packages: string;
  address: string;
  gateway: string;
  dns: string;
  user_data: string;
  network_config: string;
  /** One's own user data instead of the made one. */
  own: boolean;
}

export const NO_SETTINGS: FirstSettings = {
  user: '',
  password: '',
  ssh_keys: '',
  keys: [],
  hostname: '',
  packages: '',
  address: '',
  gateway: '',
  dns: '',
  user_data: '',
  network_config: '',
  own: false,
};

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
const lines = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter(Boolean);

/** What the server is asked; fields that hold nothing are left out. */
export function cloudInit(settings: FirstSettings): Partial<Schemas['CloudInit']> {
  const hostname = settings.hostname ? { hostname: settings.hostname } : {};
  if (settings.own) {
    return { ...hostname, ...(settings.user_data ? { user_data: settings.user_data } : {}), ...(settings.network_config ? { network_config: settings.network_config } : {}) };
  }
  const { address, gateway, dns } = settings;
  return {
    ...hostname,
    ...(settings.user ? { user: settings.user } : {}),
    ...(settings.password ? { password: settings.password } : {}),
    ssh_keys: [...new Set([...settings.keys, ...lines(settings.ssh_keys)])],
    packages: words(settings.packages),
    ...(address ? { network: { address, gateway: gateway || null, dns: words(dns) } } : {}),
  };
}
