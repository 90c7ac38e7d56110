import { describe, expect, it } from 'vitest';
import { compileRoutes, findRoute } from '../../../../../local/host/http/routes.ts';
import type { RegisteredFunction } from '../../../../../local/host/core/types.ts';

function fn(name: string, route?: string, methods?: string[]): RegisteredFunction {
  const trigger = { name: 'request', type: 'httpTrigger', direction: 'in' as const, route, methods };
  return { id: name, name, bindings: { request: trigger }, trigger, callback: () => undefined };
}

function find(routes: Record<string, string>, path: string, prefix = ''): unknown {
  const table = compileRoutes(
    Object.entries(routes).map(([name, route]) => fn(name, route)),
    prefix,
  );
  const found = findRoute(table, 'GET', path);
  return found && [found.route.fn.name, found.params];
}

describe('routes', () => {
  it.each([
    ['a/b', '/a/b', {}],
    ['a/b', '/A/B/', {}],
    ['a/{x}', '/a/1%2F2', { x: '1/2' }],
    ['a/{x}', '/a/%zz', { x: '%zz' }],
    ['a/{x?}', '/a', {}],
    ['a/{x=1}', '/a', { x: '1' }],
    ['a/{*rest}', '/a', {}],
    ['a/{*rest}', '/a/b/c', { rest: 'b/c' }],
    ['a/{x:int}/{y:alpha}', '/a/-5/abc', { x: '-5', y: 'abc' }],
    ['a/{x:guid}', '/a/0f8fad5b-d9cb-469f-a165-70867728950e', { x: '0f8fad5b-d9cb-469f-a165-70867728950e' }],
    ['a/{x:length(2,3)}', '/a/abc', { x: 'abc' }],
    ['a/{x:minlength(2):maxlength(3)}', '/a/abc', { x: 'abc' }],
    ['', '/', {}],
  ])('%s takes %s', (route, path, params) => {
    expect(find({ f: route || '/' }, path)).toEqual(['f', params]);
  });

  it.each([
    ['a/b', '/a'],
    ['a/b', '/a/b/c'],
    ['a/{x}', '/a'],
    ['a/{x:int}', '/a/abc'],
    ['a/{x:alpha}', '/a/a1'],
    ['a/{x:bool}', '/a/yes'],
    ['a/{x:length(2)}', '/a/abc'],
    ['a/{x:regex(^b+$)}', '/a/c'],
  ])('%s does not take %s', (route, path) => {
    expect(find({ f: route }, path)).toBeUndefined();
  });

  it('asks in the order of the functions`s names, in any case, whatever the routes and the order of registration', () => {
    const routes = { Delta: 'a/1', charlie: 'a/{*path}', Bravo: 'a/{x}', alpha: 'a/{x:int}' };
    for (const table of [routes, Object.fromEntries(Object.entries(routes).reverse())]) {
      expect(find(table, '/a/1')).toEqual(['alpha', { x: '1' }]);
      expect(find(table, '/a/b')).toEqual(['Bravo', { x: 'b' }]);
      expect(find(table, '/a/b/c')).toEqual(['charlie', { path: 'b/c' }]);
    }
  });

  it('puts the prefix in front, and takes the name of the function for a missing route', () => {
    const table = compileRoutes([fn('Hello')], 'api');
    expect(findRoute(table, 'GET', '/api/hello')?.route.fn.name).toBe('Hello');
    expect(findRoute(table, 'GET', '/hello')).toBeUndefined();
  });

  it('goes on to another function when the method is not the first one`s', () => {
    const table = compileRoutes([fn('get', 'a', ['GET']), fn('post', 'a', ['post'])], '');
    expect(findRoute(table, 'POST', '/a')?.route.fn.name).toBe('post');
    expect(findRoute(table, 'PUT', '/a')).toBeUndefined();
  });

  it.each(['a/{x:odd}', 'a/{x', 'a/b-{x}'])('names a route that it does not understand: %s', (route) => {
    expect(() => compileRoutes([fn('f', route)], '')).toThrow(/Function 'f'/);
  });
});
