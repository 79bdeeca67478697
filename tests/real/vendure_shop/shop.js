// A Vendure shop on loopback: `node shop.js GOODS.json PORT`, in the folder of its packages. It makes its database in
// the working folder, fills it through its own admin API, says where it is in one line of JSON, and ends with its input.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

// The packages lie in a cache, this file in the source tree.
const packages = createRequire(path.join(process.env.REAL_SHOP_PACKAGES, 'package.json'));
process.env.VENDURE_DISABLE_TELEMETRY = 'true';
const {
  bootstrap, DefaultJobQueuePlugin, DefaultLogger, DefaultSearchPlugin, JobQueueService, LanguageCode, LogLevel,
} = packages('@vendure/core');

const goods = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const port = Number(process.argv[3]);
const root = `http://127.0.0.1:${port}`;
let token = '';

const config = {
  apiOptions: { hostname: '127.0.0.1', port, adminApiPath: 'admin-api', shopApiPath: 'shop-api' },
  authOptions: {
    tokenMethod: ['bearer', 'cookie'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'a shop of tests on loopback' },
  },
  dbConnectionOptions: {
    type: 'better-sqlite3', database: path.resolve('shop.db'), synchronize: true, logging: false,
  },
  defaultLanguageCode: LanguageCode.en,
  logger: new DefaultLogger({ level: LogLevel.Error }),
  paymentOptions: { paymentMethodHandlers: [] },
  plugins: [
    DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true }),
    DefaultSearchPlugin.init({ bufferUpdates: false, indexStockStatus: true }),
  ],
  systemOptions: { disableTelemetry: true },
};

async function ask(query, variables = {}) {
  const headers = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${root}/admin-api`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const body = await answer.json();
  if (body.errors) throw new Error(JSON.stringify(body.errors[0]));
  return { data: body.data, token: answer.headers.get('vendure-auth-token') };
}

async function login(name, word) {
  token = '';
  const told = await ask(
    'mutation($n: String!, $w: String!) { login(username: $n, password: $w) { __typename } }', { n: name, w: word });
  token = told.token;
  return token;
}

// A new database knows no country, zone or tax: without them no price can be worked out.
async function found() {
  const { data: { createCountry: country } } = await ask(
    'mutation { createCountry(input: { code: "DE", enabled: true, translations: [{ languageCode: en, name: "Germany" }] }) { id } }');
  const { data: { createZone: zone } } = await ask(
    'mutation($m: [ID!]) { createZone(input: { name: "Europe", memberIds: $m }) { id } }', { m: [country.id] });
  const { data: { createTaxCategory: kind } } = await ask(
    'mutation { createTaxCategory(input: { name: "Standard", isDefault: true }) { id } }');
  await ask(
    'mutation($z: ID!, $k: ID!) { createTaxRate(input: { name: "None", enabled: true, value: 0, categoryId: $k, zoneId: $z }) { id } }',
    { z: zone.id, k: kind.id });
  const { data: { activeChannel: channel } } = await ask('{ activeChannel { id } }');
  await ask('mutation { updateGlobalSettings(input: { availableLanguages: [en, zh_Hans] }) { __typename } }');
  await ask(
    'mutation($c: ID!, $z: ID!) { updateChannel(input: { id: $c, defaultTaxZoneId: $z, defaultShippingZoneId: $z, availableLanguageCodes: [en, zh_Hans] }) { __typename } }',
    { c: channel.id, z: zone.id });
}

async function put(good) {
  const isLatin = /^[\x20-\x7e]*$/.test(good.title);
  const translations = [{
    languageCode: 'en', name: isLatin ? good.title : `Item ${good.number}`, slug: `item-${good.number}`,
    description: isLatin ? good.description : '',
  }];
  if (!isLatin) {
    translations.push({
      languageCode: 'zh_Hans', name: good.title, slug: `item-${good.number}-zh`, description: good.description,
    });
  }
  const { data: { createProduct: product } } = await ask(
    'mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }', { i: { enabled: true, translations } });
  const variant = {
    productId: product.id, sku: good.sku, price: Math.round(Number(good.price) * 100), stockOnHand: 50,
    translations: translations.map(one => ({ languageCode: one.languageCode, name: one.name })),
  };
  await ask('mutation($i: [CreateProductVariantInput!]!) { createProductVariants(input: $i) { id } }', { i: [variant] });
}

// The account that Delist is given: it may read the catalogue and update products, and nothing else.
async function account() {
  const { data: { createRole: role } } = await ask(
    'mutation { createRole(input: { code: "takedown", description: "takedown", permissions: [ReadCatalog, ReadProduct, UpdateProduct] }) { id } }');
  await ask(
    'mutation($r: [ID!]!) { createAdministrator(input: { firstName: "Take", lastName: "Down", emailAddress: "takedown@example.test", password: "takedown-pass", roleIds: $r }) { id } }',
    { r: [role.id] });
  return login('takedown@example.test', 'takedown-pass');
}

async function main() {
  const app = await bootstrap(config);
  await app.get(JobQueueService).start();
  await login('superadmin', 'superadmin');
  await found();
  for (const good of goods) await put(good);
  const given = await account();
  process.stdout.write(`${JSON.stringify({ url: root, token: given, products: goods.length })}\n`);
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
